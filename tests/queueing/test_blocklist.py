"""The block list: Redis decides at the join, the database is the root, and what is kept names nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEvent
from harness.redis_process import RedisProcess
from infra.errors import DomainError
from infra.redis.client import client, execute, key
from queueing import tasks
from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry
from queueing.live import store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]

ADDRESS = "203.0.113.7"


def join(name: str, source: str = ADDRESS, identity: str = "", **more: Any) -> str:
    """The conversation of a customer from there, or the code of the refusal."""
    record = {"id": name, "name": name, "media": "chat", "locale": "", "topic": "", "mobile": False, **more}
    try:
        return execute(store.join(f"p|{name}", record, rules.marks(source, identity))).conversation
    except DomainError as error:
        return error.code


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("blocklist", *arguments, stdout=out)
    return out.getvalue()


def test_a_blocked_address_is_refused_and_others_are_not() -> None:
    rules.block_address(ADDRESS, reason="abuse", until=None, by="ayse")
    assert join("a") == "blocked"
    assert join("b", "203.0.113.8") == "b"


def test_a_block_that_is_lifted_is_lifted_at_once() -> None:
    entry = rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    rules.remove(entry, by="ayse")
    assert join("a") == "a"


def test_a_block_ends_by_itself() -> None:
    rules.block_address(ADDRESS, reason="", until=timezone.now() + timedelta(hours=1), by="ayse")
    assert join("a") == "blocked"
    client().hset(key("blocked"), f"address/{rules.address_digest(ADDRESS)}", 1)  # long ago
    assert join("a") == "a"


@pytest.mark.parametrize(
    ("network", "address", "outcome"),
    [
        ("203.0.113.0/24", "203.0.113.200", "blocked"),
        ("203.0.113.0/24", "203.0.114.1", "x"),
        ("203.0.0.0/8", "203.255.0.1", "blocked"),
        ("203.0.113.7", "203.0.113.7", "blocked"),
        ("2001:db8::/32", "2001:db8:ffff::1", "blocked"),
        ("2001:db8::/32", "2001:db9::1", "x"),
    ],
)
def test_networks(network: str, address: str, outcome: str) -> None:
    rules.block_network(network, reason="", until=None, by="ayse")
    assert join("x", address) == outcome


def test_an_ipv6_client_is_blocked_with_all_addresses_it_owns() -> None:
    rules.block_address("2001:db8:1:2::1", reason="", until=None, by="ayse")
    assert join("a", "2001:db8:1:2:aaaa::9") == "blocked"
    # As the socket counts it.
    assert join("a", "2001:db8:1:2::/64") == "blocked"
    assert join("b", "2001:db8:1:3::1") == "b"


def test_an_identity_is_blocked_wherever_it_comes_from() -> None:
    rules.block_identity("user-42", reason="", until=None, by="ayse")
    assert join("a", "198.51.100.1", identity="user-42") == "blocked"
    assert join("b", "198.51.100.1", identity="user-43") == "b"


def test_a_join_that_was_answered_stays_answered() -> None:
    assert join("a", join_key="k") == "a"
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    assert join("b", join_key="k") == "a"


def test_a_refused_customer_leaves_nothing_behind_and_is_counted() -> None:
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    join("a")
    assert not client().exists(key("conv"))
    assert client().hget(key("stats"), "refused:blocked") == "1"


def test_what_is_kept_names_nobody() -> None:
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    rules.block_identity("user-42", reason="", until=None, by="ayse")
    assert join("a", "198.51.100.1", address=rules.address_digest("198.51.100.1")) == "a"
    stored = json.dumps([list(BlockEntry.objects.values("kind", "value", "hint")), client().hgetall(key("blocked"))])
    journal = str(client().xrange(key("journal")))
    for secret in (ADDRESS, "user-42", "198.51.100.1"):
        assert secret not in stored + journal
    assert {entry.hint for entry in BlockEntry.objects.all()} == {"203.0.x.x", "us…"}


def test_a_wiped_redis_is_filled_again_by_the_worker() -> None:
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    rules.block_network("198.51.100.0/24", reason="", until=timezone.now() + timedelta(days=1), by="ayse")
    client().flushall()
    tasks.sync_blocklist()
    assert join("a") == "blocked"
    assert join("b", "198.51.100.3") == "blocked"


def test_a_block_that_redis_did_not_hear_of_comes_with_the_next_copy(redis_process: RedisProcess) -> None:
    redis_process.kill()
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    redis_process.ensure_empty()
    tasks.sync_blocklist()
    assert join("a") == "blocked"


def test_a_copy_that_was_read_before_a_change_is_not_written_over_it() -> None:
    revision = execute(rules._script("state", ""))[0]
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    assert execute(rules._script("replace", revision, "{}")) == [0]
    assert join("a") == "blocked"


def test_the_copy_is_made_once_a_minute_and_drops_what_is_over() -> None:
    entry = rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    assert rules.sync() is True
    assert rules.sync() is False
    BlockEntry.objects.filter(pk=entry.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert rules.sync(force=True) is True
    assert join("a") == "a"


@pytest.mark.parametrize("wrong", ["nonsense", "", "203.0.113.0/24"])
def test_no_address(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.block_address(wrong, reason="", until=None, by="ayse")


@pytest.mark.parametrize("wrong", ["nonsense", "0.0.0.0/0", "10.0.0.0/7", "2000::/8", "2001:db8::/96"])
def test_no_network_or_too_wide_a_one(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.block_network(wrong, reason="", until=None, by="ayse")


def test_an_end_in_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.block_address(ADDRESS, reason="", until=timezone.now() - timedelta(days=1), by="ayse")


def test_the_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 1)
    rules.block_address(ADDRESS, reason="", until=None, by="ayse")
    rules.block_address(ADDRESS, reason="again", until=None, by="ayse")
    with pytest.raises(ValueError, match=r"."):
        rules.block_address("203.0.113.8", reason="", until=None, by="ayse")


def test_everything_is_in_the_audit_trail() -> None:
    entry = rules.block_address(ADDRESS, reason="insults", until=None, by="ayse")
    rules.remove(entry, by="mehmet")
    events = list(AuditEvent.objects.order_by("id").values_list("kind", "actor", "detail"))
    assert [(kind, actor) for kind, actor, _detail in events] == [
        ("customer_blocked", "ayse"), ("customer_unblocked", "mehmet"),
    ]  # fmt: skip
    assert events[0][2]["reason"] == "insults"
    assert ADDRESS not in str(events)


def test_the_command() -> None:
    added = json.loads(run("add", "--address", ADDRESS, "--reason", "spam", "--for", "7d", "--json"))
    assert (added["kind"], added["who"], added["in_force"], added["created_by"]) == (
        "address", "203.0.x.x", True, "command",
    )  # fmt: skip
    assert join("a") == "blocked"
    run("add", "--network", "198.51.100.0/24")
    run("add", "--identity", "user-42")
    assert len(json.loads(run("list", "--json"))) == 3
    assert "3 block(s)" in run("list")
    run("remove", "--address", ADDRESS)
    run("remove", "--network", "198.51.100.0/24")
    run("remove", "--identity", "user-42")
    assert json.loads(run("list", "--json")) == []
    assert join("a") == "a"


@pytest.mark.parametrize(
    "arguments",
    [["add"], ["add", "--address", "x"], ["add", "--address", ADDRESS, "--for", "soon"], ["remove", "--id", "99"]],
)
def test_the_command_explains_what_is_wrong(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
