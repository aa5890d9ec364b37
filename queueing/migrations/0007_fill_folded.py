from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from infra.writing.folding import fill

TABLES = (("Conversation", ("name", "topic")), ("ChatMessage", ("text",)), ("BlockEntry", ("hint", "reason", "created_by")))


def fill_all(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    for model, sources in TABLES:
        fill(apps.get_model("queueing", model), "folded", sources)


class Migration(migrations.Migration):
    # Each batch is a transaction of its own; begun again it goes on.
    atomic = False
    dependencies = [("queueing", "0006_folded")]

    operations = [migrations.RunPython(fill_all, migrations.RunPython.noop)]
