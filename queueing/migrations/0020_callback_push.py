"""The browser that a customer wants to be called by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queueing', '0019_callback_bounds'),
    ]

    operations = [
        migrations.AddField(
            model_name='callback',
            name='push',
            field=models.TextField(blank=True, db_default='', default='', editable=False),
        ),
    ]
