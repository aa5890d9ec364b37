"""What happened in one millisecond stands in the order of the journal. Nothing changes in the database."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queueing', '0022_callback_chat'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='callsample',
            options={'ordering': ('at', django.db.models.functions.text.Length('entry_id'), models.F('entry_id')), 'verbose_name': 'call sample', 'verbose_name_plural': 'call samples'},
        ),
        migrations.AlterModelOptions(
            name='chatmessage',
            options={'ordering': ('sent_at', django.db.models.functions.text.Length('entry_id'), models.F('entry_id')), 'verbose_name': 'chat message', 'verbose_name_plural': 'chat messages'},
        ),
        migrations.AlterModelOptions(
            name='conversationevent',
            options={'ordering': ('at', django.db.models.functions.text.Length('entry_id'), models.F('entry_id')), 'verbose_name': 'event', 'verbose_name_plural': 'events'},
        ),
        migrations.AlterModelOptions(
            name='fairnessentry',
            options={'default_permissions': ('view',), 'ordering': ('-at', models.OrderBy(django.db.models.functions.text.Length('entry_id'), descending=True), models.OrderBy(models.F('entry_id'), descending=True), '-id'), 'verbose_name': 'entry of the fairness log', 'verbose_name_plural': 'fairness log'},
        ),
    ]
