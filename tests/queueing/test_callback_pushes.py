"""A callback that calls by push: what is kept of a browser, what it is told, and who is written to when it is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from infra.redis.client import client
from infra.redis.scripts import key
from messages_left.models import Message
from notifications import policy
from notifications.models import Channel, Kind, OutboxMessage
from notifications.transports import push
from queueing import resume_handles
from queueing.callbacks import devices
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation
from queueing.history.privacy import personal_data
from queueing.history.recording import journal
from tests.queueing.called import ADDRESS, begin, end_of_hold, on_shift, sent, token_of, waits, work
from tests.queueing.world import Customer, contents, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
OURS = "https://testserver"


@pytest.fixture(autouse=True)
def service(settings: Any) -> Iterator[FakePush]:
    settings.MAIL_ADDRESS_LIMIT = "100/hour"
    settings.PUBLIC_URL = OURS
    begin()
    with FakePush() as fake:
        yield fake
        assert fake.faults == []


def ask(customer: Customer, **fields: Any) -> Any:
    headers = {"Authorization": f"Bearer {token_of(customer)}"}
    given = json.dumps({"origin": OURS, **fields})
    return Client().post("/chat/callback/?locale=tr", given, content_type="application/json", headers=headers)


def leaves(service: FakePush, **fields: Any) -> Customer:
    customer = waits()
    answer = ask(customer, push=service.subscription("phone"), **fields)
    assert answer.status_code == 200, answer.content
    assert answer.json()["channel"] == "push"
    customer.disconnect()
    return customer


def test_the_browser_is_told_once_for_each_call_and_its_link_takes_the_place(service: FakePush) -> None:
    answer = Client().get("/chat/callback/").json()
    assert answer == {"key": push.public_key(), "worker": "/turn/sw.js", "scope": "/turn/"}
    ayse = leaves(service)
    assert json.loads(str(client().hget(key("conv"), ayse.cid)))["callback"]["channel"] == "push"
    deniz = on_shift()
    work()
    work()
    [told] = service.pushed
    assert (told.words["title"], told.words["body"]) == ("Sıranız yaklaştı", "Yerinizi almak için dokunun.")
    assert not any(word in json.dumps(told.words) for word in ("ayşe", "iade", ADDRESS))
    path, _, handle = told.words["url"].partition("#place=")
    assert Client().get(path).status_code == 200
    assert resume_handles.read(handle, OURS) == token_of(ayse)
    end_of_hold(ayse)
    work()
    assert [one.words["title"] for one in service.pushed] == ["Sıranız yaklaştı", "Sıra sizde: son çağrı"]
    assert len({one.words["tag"] for one in service.pushed}) == 1, "the later one takes its place"
    ayse.reconnect()
    assert deniz.serving == ayse.cid
    work()
    assert Callback.objects.get().push == ""
    assert sent() == [(Channel.PUSH, "sent")] * 2


def test_nothing_of_the_browser_is_kept_readable(service: FakePush) -> None:
    leaves(service)
    work()
    row = Callback.objects.get()
    secrets = (service.subscription("phone")["endpoint"], service.subscription("phone")["keys"]["auth"])
    shown = json.dumps([contents(), row.push, list(OutboxMessage.objects.values("chat_id", "context"))], default=str)
    assert not [secret for secret in secrets if secret in shown]
    device = devices.unseal(row.push)
    assert device is not None
    assert (device.endpoint, device.secret) == secrets
    assert devices.unseal("gAAAAA") is None


def test_the_last_call_goes_by_both_ways(service: FakePush, mail: FakeMail) -> None:
    ayse = leaves(service, address=ADDRESS)
    on_shift()
    work()
    assert (len(service.pushed), len(mail.delivered)) == (1, 0)
    end_of_hold(ayse)
    work()
    assert (len(service.pushed), len(mail.delivered)) == (2, 1)


@pytest.mark.parametrize("status", [404, 410, 413])
def test_who_cannot_be_told_is_written_to_once(status: int, service: FakePush, mail: FakeMail) -> None:
    ayse = leaves(service, address=ADDRESS)
    service.answer(status)
    on_shift()
    work()
    work()
    assert (service.pushed, [letter.recipients for letter in mail.delivered]) == ([], [[ADDRESS]])
    assert (Callback.objects.get().push == "") == (status != 413), "a browser that is gone is forgotten"
    end_of_hold(ayse)
    work()
    assert len(mail.delivered) == 2
    assert len(service.pushed) == (status == 413)


def test_who_cannot_be_told_at_all_is_held_as_ever_and_then_somebodys_work(service: FakePush) -> None:
    ayse = leaves(service)
    journal.record()
    told = [("email", "told@example.com"), ("phone", "+90 555 000"), ("choice", True)]
    Conversation.objects.update(answers=[{"key": kind, "kind": kind, "value": value} for kind, value in told])
    service.answer(410)
    on_shift()
    work()
    assert Callback.objects.get().push == ""
    end_of_hold(ayse)
    work()
    assert Callback.objects.get().state == "open"
    end_of_hold(ayse)
    work()
    message = Message.objects.get()
    assert (Callback.objects.get().state, message.why) == ("missed", "callback")
    assert (message.email, message.phone) == ("told@example.com", "+90 555 000"), "as they were told before the queue"


def test_a_browser_that_was_chosen_meanwhile_stays(service: FakePush) -> None:
    ayse = leaves(service)
    on_shift()
    journal.record()
    assert ask(ayse, push=service.subscription("desk")).status_code == 200
    journal.record()
    service.answer(410)
    work()
    assert devices.unseal(Callback.objects.get().push).endpoint.endswith("/desk")  # type: ignore[union-attr]


def test_a_busy_service_is_asked_again_and_one_that_is_late_is_followed_by_the_letter(
    service: FakePush, mail: FakeMail
) -> None:
    leaves(service, address=ADDRESS)
    service.answer(429, Retry_After="7")
    on_shift()
    work()
    assert sent() == [(Channel.PUSH, "retrying")]
    work(policy.PUSH_LIVES_SECS + 1)
    assert sent() == [(Channel.PUSH, "refused"), (Channel.EMAIL, "sent")]
    assert service.pushed == []


def test_a_service_that_does_not_answer_in_time_is_asked_again(
    service: FakePush, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves(service)
    monkeypatch.setattr(push, "SEND_TIMEOUT_SECS", 0.3)
    service.dripping.set()
    on_shift()
    work()
    assert sent() == [(Channel.PUSH, "retrying")]
    service.dripping.clear()
    work(10)
    assert len(service.pushed) == 1


def test_who_has_left_by_the_time_is_told_nothing(service: FakePush, mail: FakeMail) -> None:
    ayse = leaves(service, address=ADDRESS)
    on_shift()
    journal.record()
    ayse.reconnect()
    ayse.leave()
    work()
    assert (service.pushed, mail.delivered, sent()) == ([], [], [(Channel.PUSH, "refused")])


def test_one_way_at_least_and_not_without_end(service: FakePush, mail: FakeMail) -> None:
    refused = lambda answer: (answer.status_code, answer.json()["error"]["code"])  # noqa: E731
    ayse = waits()
    assert refused(ask(ayse)) == (400, "address_invalid")
    assert refused(ask(ayse, address="nobody", push=service.subscription("phone"))) == (400, "address_invalid")
    browser = service.subscription("phone")
    assert [ask(waits(name), push=browser).status_code for name in ("ada", "bora", "cem")] == [200, 200, 409]


ENDPOINTS = [
    "http://127.0.0.1:6379/x", "https://user:word@push.example/1", "https:///1", "https://[/1", "file:///etc/passwd",
    "https://push.example/" + "a" * 1100, "https://push.example/\r\nX: 1", "https://push.example:99999/1", "",
]  # fmt: skip


@given(
    endpoint=st.one_of(
        st.sampled_from(ENDPOINTS), st.text(max_size=80).map(lambda text: f"https://push.example/{text}")
    ),
    keys=st.one_of(
        st.none(),
        st.fixed_dictionaries({"p256dh": st.text(max_size=100), "auth": st.text(max_size=30)}),
        st.just({"p256dh": "B" + "A" * 86, "auth": "A" * 22}),
    ),
)
@example(endpoint="https://10.0.0.1/1", keys={"p256dh": "B" + "A" * 86, "auth": "A" * 22})
def test_whatever_a_browser_says_is_kept_sealed_or_refused_in_words(endpoint: str, keys: Any) -> None:
    ayse = waits()
    answer = ask(ayse, push={"endpoint": endpoint, "keys": keys})
    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 400:
        assert answer.json()["error"]["code"] == "schema"
    assert (client().zcard(key("callback")) == 1) == (answer.status_code == 200)
    client().flushall()
    settle()


def test_production_takes_no_endpoint_that_is_not_https_and_speaks_to_none_inside(settings: Any) -> None:
    keys = {"p256dh": "B" + "A" * 86, "auth": "A" * 22}
    settings.DJANGO_ENV = "production"
    ayse = waits()
    for endpoint in ("http://push.example/1", "https://push.example:6379/1"):
        assert ask(ayse, push={"endpoint": endpoint, "keys": keys}).status_code == 400
    assert ask(ayse, push={"endpoint": "https://10.0.0.1/1", "keys": keys}).status_code == 200
    ayse.disconnect()
    on_shift()
    work()
    # Told apart when it is sent, by a worker: looking a name up takes as long as it takes.
    [row] = OutboxMessage.objects.filter(kind=Kind.CALLBACK)
    assert (row.state, row.last_error) == ("refused", "the name leads into a network that is not public")
    assert Callback.objects.get().push == ""


@pytest.mark.django_db(transaction=True)
def test_a_persons_data_says_that_a_browser_is_told_and_erasure_takes_it(service: FakePush) -> None:
    ayse = leaves(service)
    journal.record()
    [told] = personal_data.export(None, ayse.cid, by="test")["callbacks"]
    assert (told["channel"], told["browser"], "push" in told) == ("push", True, False)
    on_shift()
    journal.record()
    personal_data.erase(None, ayse.cid, by="test")
    work()
    row = Callback.objects.get()
    assert (row.push, row.handle, row.state, service.pushed) == ("", "", "cancelled", [])
