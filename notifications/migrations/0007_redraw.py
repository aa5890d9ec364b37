from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def redraw_erased(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Cards that were emptied by a release that left the messages as they were. Everybody has a name otherwise."""
    cards = apps.get_model("notifications", "Card").objects
    cards.filter(context__name="").update(redraw=True, version=models.F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_fill_folded")]

    operations = [
        migrations.AddField(
            model_name="card",
            name="redraw",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(condition=models.Q(("redraw", True)), fields=["id"], name="card_redraw"),
        ),
        migrations.RunPython(redraw_erased, migrations.RunPython.noop),
    ]
