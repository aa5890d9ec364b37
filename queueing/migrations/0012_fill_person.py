from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 500
PERSON_MAX = 128


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Who it is, of conversations before the column."""
    conversations = apps.get_model("queueing", "Conversation")._default_manager
    last = ""
    while True:
        rows = conversations.filter(person="", attributes__has_key="identity", pk__gt=last).order_by("pk")
        batch = list(rows.only("pk", "attributes")[:AT_ONCE])
        if not batch:
            return
        for row in batch:
            signed = row.attributes["identity"]
            sub = signed.get("sub") if isinstance(signed, dict) else ""
            row.person = sub if isinstance(sub, str) and len(sub) <= PERSON_MAX else ""
        conversations.bulk_update(batch, ["person"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    # Each batch is a transaction of its own; begun again it goes on.
    atomic = False
    dependencies = [("queueing", "0011_visits")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
