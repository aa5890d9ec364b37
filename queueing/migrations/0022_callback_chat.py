"""The chat with the bot in which a customer wants to be called."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queueing', '0021_booked'),
    ]

    operations = [
        migrations.AddField(
            model_name='callback',
            name='chat',
            field=models.TextField(blank=True, db_default='', default='', editable=False),
        ),
    ]
