import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MOST = {"rtt_ms": 3_600_000, "jitter_ms": 3_600_000, "loss_pct": 100, "bitrate_kbps": 10_000_000, "quality": 5}


def forget_impossible_figures(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Figures that no call can have, from when any number was taken: they spoil every mean."""
    samples = apps.get_model("queueing", "CallSample").objects
    for name, most in MOST.items():
        samples.filter(**{f"{name}__gt": most}).update(**{name: None})
        samples.filter(**{f"{name}__lt": 0}).update(**{name: None})
    conversations = apps.get_model("queueing", "Conversation").objects
    conversations.filter(mean_quality__gt=MOST["quality"]).update(mean_quality=None)
    conversations.filter(mean_rtt_ms__gt=MOST["rtt_ms"]).update(mean_rtt_ms=None)


class Migration(migrations.Migration):
    dependencies = [("queueing", "0004_chat_number")]

    operations = [
        migrations.CreateModel(
            name="SetAsideEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry_id", models.CharField(max_length=40, unique=True, verbose_name="journal entry")),
                (
                    "conversation",
                    models.CharField(blank=True, db_index=True, max_length=64, verbose_name="conversation"),
                ),
                ("kind", models.CharField(blank=True, max_length=32, verbose_name="event")),
                ("fields", models.TextField(verbose_name="content")),
                ("reason", models.CharField(max_length=300, verbose_name="why it was refused")),
                ("attempts", models.PositiveIntegerField(default=1, verbose_name="attempts")),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="set aside"
                    ),
                ),
            ],
            options={
                "verbose_name": "entry set aside",
                "verbose_name_plural": "entries set aside",
                "ordering": ("id",),
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.AlterField(
            model_name="conversation",
            name="locale",
            field=models.CharField(blank=True, max_length=35, verbose_name="language"),
        ),
        migrations.RunPython(forget_impossible_figures, migrations.RunPython.noop),
    ]
