from django.db import migrations, models
from django.db.models import Sum


def count(apps, _schema_editor):
    rows = apps.get_model("messages_left", "Attachment").objects.order_by()
    kept = rows.aggregate(all=Sum("size"))["all"] or 0
    apps.get_model("messages_left", "Usage").objects.create(pk=1, bytes=kept)


class Migration(migrations.Migration):

    dependencies = [
        ('messages_left', '0003_attachments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Usage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bytes', models.BigIntegerField(default=0)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
