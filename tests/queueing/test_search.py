"""Search finds what people mean, in Turkish too, and the same on every database."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.flows.save_operator import save_operator
from infra.writing import folding
from infra.writing.folding import fold
from queueing.blocklist.models import BlockEntry
from queueing.history.models import ChatMessage, Conversation
from queueing.history.privacy import retention
from queueing.history.recording import journal
from tests.queueing.world import Customer, Operator, lease, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]
LIST = "/admin/queueing/conversation/"

WRITTEN = {"name": "Şule IŞIK", "topic": "İade ve ÖDEME"}
LINE = "Kargom gelmedi, ığdır'dan Çağrı"
FOUND = [
    "şule", "ŞULE", "sule", "Şule", "IŞIK", "ışık", "isik", "Işık", "işik", "ödeme", "ÖDEME", "odeme", "Ödeme", "iade",
    "İADE", "IADE", "ıade", "İade", "IĞDIR", "ığdır", "Iğdır", "igdir", "çağrı", "ÇAĞRI", "cagri", "şule ödeme",
    "İade kargom", "şule ışık çağrı", '"ve ödeme"', "S\u0327ule", "ＩŞIK",
]  # fmt: skip


@pytest.fixture
def browser() -> Client:
    signed_in = Client(headers={"Accept-Language": "en"})
    signed_in.force_login(get_user_model().objects.create_superuser("root", name="Root"))
    return signed_in


@pytest.fixture
def recorded() -> Conversation:
    """A conversation as the journal brings it."""
    lease()
    settle()
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join(**WRITTEN)
    deniz.connect()
    deniz.available()
    ada.say(LINE)
    Customer("bora").join(name="Bora", topic="başka")
    journal.record()
    return Conversation.objects.get(pk=ada.cid)


def hits(browser: Client, page: str, term: str) -> set[Any]:
    answer = browser.get(page, {"q": term})
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def test_every_spelling_finds_the_conversation(browser: Client, recorded: Conversation) -> None:
    missed = [term for term in FOUND if hits(browser, LIST, term) != {recorded.pk}]
    assert missed == []
    assert hits(browser, LIST, recorded.pk) == {recorded.pk}
    assert hits(browser, LIST, "başkası") == set()
    assert hits(browser, LIST, "%") == set()


def test_operators_their_sessions_and_blocks_are_found_the_same_way(browser: Client) -> None:
    save_operator("ışıl", {"name": "Eski Ad"})
    operator = save_operator("ışıl", {"name": "Işıl İPEK"}).operator
    for term in ("IŞIL", "isil", "ipek", "İpek", "ışıl İPEK"):
        assert hits(browser, "/admin/accounts/operator/", term) == {operator.pk}
    assert hits(browser, "/admin/accounts/operator/", "eski") == set()
    assert browser.get("/admin/accounts/operatorsession/", {"q": "IŞIL"}).status_code == 200
    block = BlockEntry.objects.create(kind="identity", value="v", hint="ab…", reason="HAKARET VE KÜFÜR, Işık")
    for term in ("küfür", "KUFUR", "ışık"):
        assert hits(browser, "/admin/queueing/blockentry/", term) == {block.pk}


def test_rows_from_before_are_filled_in_bounded_batches(
    browser: Client, recorded: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the migration does it; begun again it goes on."""
    lines = [
        ChatMessage(
            conversation=recorded, entry_id=f"{n}-0", sender="customer", text=f"SATIR {n}", sent_at=recorded.joined_at
        )
        for n in range(23)
    ]
    ChatMessage.objects.bulk_create(lines)
    Conversation.objects.update(folded="")
    ChatMessage.objects.update(folded="")
    assert hits(browser, LIST, "şule") == set()
    monkeypatch.setattr(folding, "AT_ONCE", 5)
    migration = importlib.import_module("queueing.migrations.0007_fill_folded")
    for _twice in range(2):
        migration.fill_all(apps, None)
    assert hits(browser, LIST, "şule") == hits(browser, LIST, "satır 22") == {recorded.pk}
    assert not ChatMessage.objects.filter(folded="").exists()


def test_what_is_erased_is_not_found(browser: Client, recorded: Conversation) -> None:
    retention.anonymise([recorded.pk])
    for term in ("şule", "ödeme", "kargom"):
        assert hits(browser, LIST, term) == set()


@given(st.text(max_size=40))
def test_folding_is_stable_and_knows_no_case(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert "\x00" not in folded
    assert fold(text.upper().lower()) == fold(text.lower().upper())


def test_a_line_that_unfolds_is_bounded() -> None:
    assert len(fold("\ufdfa" * 4_000)) <= folding.FOLDED_MAX
