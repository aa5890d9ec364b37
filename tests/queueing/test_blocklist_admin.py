"""The block list in the admin: added and lifted by operators, from its own page or from a conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.models import AuditEvent
from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry
from queueing.history.models import Conversation
from queueing.history.recording import journal
from tests.queueing.test_blocklist import ADDRESS, join
from tests.queueing.world import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]

LIST, ADD = "/admin/queueing/blockentry/", "/admin/queueing/blockentry/add/"


@pytest.fixture
def browser() -> Callable[..., Client]:
    """Of a plain operator, or of a superuser."""

    def signed_in(**fields: Any) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(get_user_model().objects.create_user("deniz", name="Deniz", **fields))
        return client

    return signed_in


def a_customer(**fields: Any) -> Customer:
    """In the queue, from `ADDRESS`, vouched for by the site, and recorded."""
    customer = Customer("rude")
    identity = json.dumps({"identity": {"sub": "user-42", "name": "R", "email": ""}})
    customer.join(address=rules.address_digest(ADDRESS), attributes=identity, **fields)
    journal.record()
    return customer


def test_an_operator_blocks_an_address_for_a_week(browser: Any) -> None:
    done = browser().post(ADD, {"kind": "address", "who": ADDRESS, "reason": "insults", "lasting": "7"})
    assert done.status_code == 302
    entry = BlockEntry.objects.get()
    assert (entry.hint, entry.reason, entry.created_by) == ("203.0.x.x", "insults", "deniz")
    assert entry.until is not None
    assert join("a") == "blocked"
    event = AuditEvent.objects.get(kind="customer_blocked")
    assert (event.actor, event.address) == ("deniz", "127.0.0.1")


@pytest.mark.parametrize(
    ("kind", "who"), [("address", "nonsense"), ("network", "0.0.0.0/0"), ("identity", " "), ("address", "")]
)
def test_what_is_wrong_stands_beside_the_field(browser: Any, kind: str, who: str) -> None:
    page = browser().post(ADD, {"kind": kind, "who": who, "lasting": ""})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["who"]
    assert not BlockEntry.objects.exists()


def test_the_customer_of_a_conversation_is_blocked_and_the_conversation_ends(browser: Any) -> None:
    customer = a_customer()
    client = browser()
    page = client.get(f"/admin/queueing/conversation/{customer.cid}/change/").content.decode()
    assert f"{ADD}?conversation={customer.cid}&amp;kind=identity" in page
    form = client.get(ADD, {"conversation": customer.cid, "kind": "identity"}).content.decode()
    assert "user-42" not in form
    done = client.post(ADD, {"conversation": customer.cid, "kind": "address", "lasting": "", "reason": "rude"})
    assert done.status_code == 302
    assert join("again") == "blocked"
    journal.record()
    row = Conversation.objects.get(pk=customer.cid)
    assert (row.status, row.reason) == ("ended", "blocked")
    assert BlockEntry.objects.get().hint == customer.cid


def test_by_identity_from_a_conversation(browser: Any) -> None:
    customer = a_customer()
    browser().post(ADD, {"conversation": customer.cid, "kind": "identity", "lasting": "1"})
    assert join("again", "198.51.100.1", identity="user-42") == "blocked"
    assert join("other", "198.51.100.1", identity="user-43") == "other"


def test_the_action_of_the_list_leads_to_the_form_of_one(browser: Any) -> None:
    customer = a_customer()
    chosen = {"action": "block_customer", "_selected_action": [customer.cid]}
    done = browser().post("/admin/queueing/conversation/", chosen)
    assert done.status_code == 302
    assert done["Location"] == f"{ADD}?conversation={customer.cid}&kind=identity"


def test_a_conversation_of_whom_nothing_is_known_says_so(browser: Any) -> None:
    customer = Customer("nobody")
    customer.join()
    journal.record()
    page = browser().get(f"/admin/queueing/conversation/{customer.cid}/change/").content.decode()
    assert f"{ADD}?conversation" not in page


def test_lifting_takes_the_permission(browser: Any) -> None:
    entry = rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    chosen = {"action": "lift", "_selected_action": [entry.pk]}
    plain = browser()
    plain.post(LIST, chosen)
    assert BlockEntry.objects.exists()
    assert plain.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    get_user_model().objects.filter(username="deniz").update(is_superuser=True)
    plain.post(LIST, chosen)
    assert not BlockEntry.objects.exists()
    assert join("a") == "a"


def test_an_entry_is_shown_and_not_changed(browser: Any) -> None:
    entry = rules.block_address(ADDRESS, reason="why", until=None, by="ayse")
    client = browser(is_superuser=True)
    page = client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "203.0.x.x" in page
    assert entry.value not in page
    assert client.post(f"{LIST}{entry.pk}/change/", {"reason": "x"}).status_code == 403


def test_a_full_list_is_told(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 0)
    done = browser().post(ADD, {"kind": "address", "who": ADDRESS, "lasting": ""}, follow=True)
    assert "full" in done.content.decode()
    assert not BlockEntry.objects.exists()
