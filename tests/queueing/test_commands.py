"""`manage.py queue` and `manage.py maintenance`: what ops see and can do."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from infra.redis.client import client
from infra.redis.scripts import key
from tests.queueing.world import Customer, Operator, lease, settle


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_status_counts_and_lists() -> None:
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    bora.join()
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    status = json.loads(run("queue", "status", "--json"))
    assert (status["waiting"], status["active"]) == (1, 1)
    assert [row["name"] for row in status["waiting_rows"]] == ["bora"]
    assert status["active_rows"][0]["customer"] == "ada"
    assert "ada with Deniz" in run("queue", "status")


def test_check_is_clean_and_says_so() -> None:
    Customer("ada").join()
    assert json.loads(run("queue", "check", "--json")) == {"ok": True, "found": [], "left": []}


def test_check_finds_an_orphan_exits_1_and_fix_mends_it() -> None:
    ada = Customer("ada")
    ada.join()
    client().zrem(key("line"), ada.cid)
    with pytest.raises(SystemExit) as ended:
        run("queue", "check", "--json")
    assert ended.value.code == 1
    fixed = json.loads(run("queue", "check", "--fix", "--json"))
    assert fixed["found"] == [{"code": "waiting_but_not_in_line", "id": ada.cid}]
    assert fixed["ok"]
    assert client().zrank(key("line"), ada.cid) == 0


def test_a_doubly_claimed_conversation_is_found() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    deniz.available()
    client().hset(key("active"), "cid-ghost", "deniz")
    with pytest.raises(SystemExit):
        run("queue", "check")
    assert json.loads(run("queue", "check", "--fix", "--json"))["ok"]
    assert deniz.serving == ada.cid


def test_remove_ends_a_waiting_customer_and_refuses_an_unknown_one() -> None:
    ada = Customer("ada")
    ada.join()
    assert json.loads(run("queue", "remove", ada.cid, "--json"))["was"] == "waiting"
    with pytest.raises(CommandError, match="queue status"):
        run("queue", "remove", ada.cid)


@pytest.mark.django_db
def test_maintenance_takes_nobody_new_but_serves_on() -> None:
    ada = Customer("ada")
    ada.join()
    assert json.loads(run("maintenance", "on", "--json")) == {"maintenance": True}
    from infra.errors import DomainError

    with pytest.raises(DomainError) as refused:
        Customer("bora").join()
    assert refused.value.code == "maintenance"
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == ada.cid
    run("maintenance", "off")
    Customer("cem").join()


def test_ends_counted_under_made_up_words_are_found_and_counted_as_other() -> None:
    ada = Customer("ada")
    ada.join()
    ada.leave()
    stats = key("stats")
    client().hset(stats, mapping={"ended:x\ny": 2, "ended:" + "z" * 60: 1, "joined": 4, "ended": 4})
    with pytest.raises(SystemExit):
        run("queue", "check")
    fixed = json.loads(run("queue", "check", "--fix", "--json"))
    assert fixed == {"ok": True, "found": [{"code": "made_up_reasons", "id": "2"}], "left": []}
    ends = {name: count for name, count in client().hgetall(stats).items() if name.startswith("ended:")}  # type: ignore[union-attr]
    assert ends == {"ended:left": "1", "ended:other": "3"}
