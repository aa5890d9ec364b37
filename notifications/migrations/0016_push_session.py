from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0015_push'),
    ]

    operations = [
        migrations.AddField(
            model_name='pushsubscription',
            name='session',
            field=models.CharField(blank=True, db_default='', db_index=True, default='', editable=False, max_length=64),
        ),
    ]
