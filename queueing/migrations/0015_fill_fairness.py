from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 500
KINDS = ("claimed", "given-back", "hold-over", "joined", "transferred")


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The fairness log of what happened before there was one."""
    events = apps.get_model("queueing", "ConversationEvent")._default_manager
    log = apps.get_model("queueing", "FairnessEntry")
    last = 0
    while True:
        batch = list(events.filter(pk__gt=last, kind__in=KINDS).order_by("pk")[:AT_ONCE])
        if not batch:
            return
        rows = [log(entry_id=one.entry_id, at=one.at, **line) for one in batch for line in lines(one)]
        log._default_manager.bulk_create(rows, ignore_conflicts=True)
        last = batch[-1].pk


def lines(event: Any) -> Iterator[dict[str, Any]]:
    data = event.data if isinstance(event.data, dict) else {}
    own: dict[str, Any] = {"conversation_id": event.conversation_id, "admin_id": str(data.get("operator") or "")[:64]}
    if event.kind == "claimed":
        for kind in ("skipped", "kept"):
            for number in dict.fromkeys(data.get(kind) or []):
                yield {**own, "kind": kind, "conversation_id": str(number)[:32], "other_id": event.conversation_id}
        if data.get("jumped"):
            yield {**own, "kind": "jumped", "places": int(data["jumped"])}
        if data.get("passed_on"):
            yield {**own, "kind": "taken-on"}
    elif event.kind == "joined":
        if data.get("returning_from"):
            yield {**own, "kind": "ahead"}
    elif event.kind == "hold-over":
        yield {**own, "kind": "hold-over"}
    else:
        own["after_s"] = float(data.get("after_ms") or 0) / 1000
        passed_on = event.kind == "transferred"
        words = {"to": str(data.get("to") or "")[:150], "note": str(data.get("note") or "")} if passed_on else {}
        yield {**own, **words, "kind": "transferred" if passed_on else "returned"}


class Migration(migrations.Migration):
    # Each batch is a transaction of its own; begun again it goes on.
    atomic = False
    dependencies = [("queueing", "0014_fairness")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
