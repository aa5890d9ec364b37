"""docs/metrics.md lists exactly the metrics that the code has: name, type, labels and how targets become one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings

from tests.monitoring.families import LIBRARIES, families

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (sum|max|min) \| (.+) \|$", re.MULTILINE)
SEED = {
    "socket_connections_total",
    "queue_length",
    "support_queue_length",
    "jobs_failed_total",
    "telegram_jobs_failed_total",
    "webrtc_call_success_ratio",
    "turn_selected_region_total",
    "audio_output_selection_total",
    "lockouts_total",
    "queue_wait_seconds",
    "webrtc_call_setup_seconds",
    "webrtc_reconnect_seconds",
    "mailbox_replays_total",
    "mailbox_resyncs_total",
    "notification_outbox_age_seconds",
    "journal_lag",
}


@pytest.fixture
def _a_region(settings: Any) -> None:
    """The labels of a TURN region are known only with one."""
    settings.TURN_SERVERS = [type("Server", (), {"region": "eu"})]


def documented() -> dict[str, tuple[str, set[str], str]]:
    text = (settings.BASE_DIR / "docs" / "metrics.md").read_text()
    rows = ROW.findall(text)
    assert len(rows) == len({name for name, *_rest in rows}), "a metric stands there twice"
    return {name: (kind, set(re.findall(r"`(\w+)`", labels)), over) for name, kind, labels, over, _text in rows}


@pytest.mark.usefixtures("_a_region")
def test_the_page_is_equal_to_the_code() -> None:
    code = {
        name: (family.kind, set(family.labels), family.over)
        for name, family in families().items()
        if not name.startswith(LIBRARIES)
    }
    assert code == documented()


def test_the_names_that_were_promised_are_there() -> None:
    found = families()
    assert set(found) >= SEED
    for name in SEED:
        assert found[name].values or not found[name].labels, f"{name} has no known label at 0"
