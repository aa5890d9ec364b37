"""Operators' browsers are told beside their chats: encrypted, signed, without a name; dropped when they are gone."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.clients import NOBODY
from accounts.flows.note_change import note_change, note_deletion, snapshot
from accounts.models import Operator
from harness.fakes.push_service import FakePush, Pushed
from harness.fakes.telegram import FakeTelegram
from infra.errors import DomainError
from notifications import policy, services
from notifications.models import Channel, Kind, OutboxMessage, PushSubscription, State
from notifications.telling import subscriptions
from notifications.transports import outside, push
from notifications.transports.errors import DeliveryError
from tests.notifications.conftest import Road
from tests.notifications.test_retry import counter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def service() -> Iterator[FakePush]:
    with FakePush() as fake:
        yield fake
        assert fake.faults == []


def subscribe(service: FakePush, name: str = "a", admin_id: str = "ayse", language: str = "tr") -> PushSubscription:
    given_by = service.subscription(name)
    subscriptions.add(
        admin_id,
        given_by["endpoint"],
        given_by["keys"]["p256dh"],
        given_by["keys"]["auth"],
        language=language,
        browser="Firefox · Linux",
    )
    return PushSubscription.objects.latest("id")


def join(number: int = 1) -> None:
    services.enqueue(
        "customer_joined",
        context={"name": "Can Yılmaz", "topic": "iade", "conversation": f"c{number}"},
        dedupe_key=f"customer_joined:c{number}",
    )


def pushes() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(channel=Channel.PUSH).order_by("id"))


def test_each_browser_is_told_of_a_customer_without_a_name(
    service: FakePush, telegram: FakeTelegram, operators: list[Any], road: Road
) -> None:
    operators += [("ayse", "1001", "tr"), ("bora", "1002", "en", True), ("deniz", None, "en")]
    for name, admin_id, language in (
        ("a", "ayse", "tr"),
        ("b", "ayse", "tr"),
        ("c", "bora", "en"),
        ("d", "deniz", "en"),
    ):
        subscribe(service, name, admin_id, language)
    join()
    road.finish_all()
    # The backup's browser waits for the backup's step; deniz has no chat, and is told all the same.
    assert sorted(one.path for one in service.pushed) == ["/send/a", "/send/b", "/send/d"]
    assert len(telegram.messages) == 1
    words = {one.path: one.words for one in service.pushed}
    assert words["/send/a"]["title"] == "Bir müşteri bekliyor"
    assert words["/send/d"]["title"] == "A customer is waiting"
    assert words["/send/a"]["url"] == "/admin/console/"
    assert not any("Can" in str(one.words) or "iade" in str(one.words) for one in service.pushed)
    assert not any("name" in row.context for row in pushes())
    first: Pushed = service.pushed[0]
    assert first.sender["sub"] == "https://support.example.org"
    assert first.sender["key"] == push.public_key()
    assert (first.headers["TTL"], first.headers["Urgency"]) == (str(policy.PUSH_LIVES_SECS), "high")
    assert len(first.headers["Topic"]) == 32
    assert {row.state for row in pushes()} == {State.SENT}
    assert counter("notifications_total", outcome="pushed") == 3
    assert PushSubscription.objects.filter(told_at__isnull=False).count() == 3


def test_the_next_step_tells_the_browsers_of_the_backup(
    service: FakePush, telegram: FakeTelegram, operators: list[Any], road: Road, settings: Any
) -> None:
    operators += [("ayse", "1001", "tr"), ("bora", "1002", "en", True)]
    settings.NOTIFY_ESCALATE_SECS = 60
    subscribe(service, "backup", "bora")
    join()
    road.sweep()
    assert service.pushed == []
    road.advance(61)
    road.finish_all()
    assert [one.path for one in service.pushed] == ["/send/backup"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_browser_that_wants_none_any_more_is_forgotten(
    status: int, service: FakePush, operators: list[Any], road: Road
) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    service.answer(status)
    join()
    road.finish_all()
    assert PushSubscription.objects.count() == 0
    assert [row.state for row in pushes()] == [State.REFUSED]
    assert counter("notifications_total", outcome="push_refused") == 1
    assert counter("jobs_failed_total", job="push") == 0


def test_a_service_that_is_busy_or_broken_is_asked_again(service: FakePush, operators: list[Any], road: Road) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    service.answer(429, Retry_After="7")
    service.answer(503)
    join()
    [row] = pushes()
    waits = road.finish(row)
    assert waits[0] >= 7
    assert (row.state, row.attempts, len(service.pushed)) == (State.SENT, 3, 1)


def test_what_the_service_will_never_take_is_given_up_and_counted(
    service: FakePush, operators: list[Any], road: Road
) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    service.answer(413)
    join()
    [row] = pushes()
    assert road.finish(row) == []
    assert (row.state, row.last_error) == (State.FAILED, "the push service answered 413")
    assert counter("jobs_failed_total", job="push") == 1
    assert PushSubscription.objects.count() == 1


def test_one_that_comes_too_late_is_not_sent(service: FakePush, operators: list[Any], road: Road) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    join()
    road.advance(policy.PUSH_LIVES_SECS)
    road.finish_all()
    assert service.pushed == []
    assert [row.state for row in pushes()] == [State.REFUSED]


def test_a_service_that_lets_its_answer_drip_holds_nobody_up(
    service: FakePush, operators: list[Any], road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    monkeypatch.setattr(push, "SEND_TIMEOUT_SECS", 0.3)
    service.dripping.set()
    join()
    road.sweep()
    assert [(row.state, row.last_error) for row in pushes()] == [(State.RETRYING, "no answer within 0.3 s")]


def test_a_redirect_is_not_followed(service: FakePush, operators: list[Any], road: Road) -> None:
    operators.append(("ayse", None, "tr"))
    subscribe(service)
    service.answer(307, Location=f"{service.origin}/elsewhere")
    join()
    road.finish_all()
    assert service.pushed == []
    assert [row.state for row in pushes()] == [State.FAILED]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/1",
        "https://127.0.0.1/1",
        "https://10.1.2.3/1",
        "https://169.254.169.254/latest",
        "https://[::1]/1",
        "https://[::ffff:10.0.0.1]/1",
        "https://[fd00::1]/1",
        "https://[2002:7f00:1::]/1",
        "https://localhost/1",
        "https://100.64.0.1/1",
        "https://0.0.0.0/1",
        "https://push.example:6379/1",
        "https://user@8.8.8.8/1",
        "https://0x7f000001/1",
        "https://2130706433/1",
        "https://nowhere.invalid/1",
        "ftp://8.8.8.8/1",
        "https:///1",
        "https://[/1",
        # A header cannot say it; a browser names such a service in punycode.
        "https://büro.example/1",
    ],
)
def test_production_speaks_to_the_internet_alone(endpoint: str, settings: Any) -> None:
    settings.DJANGO_ENV = "production"
    with pytest.raises(outside.Refused):
        outside.place_of(endpoint)


def test_the_name_that_was_looked_at_is_the_one_that_is_spoken_to(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DJANGO_ENV = "production"
    answers = iter(["93.184.215.14", "10.0.0.1"])
    found = lambda *_given, **_named: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", found)
    place = outside.place_of("https://push.example/send/1?a=b")
    assert (place.url, place.host, place.name) == ("https://93.184.215.14/send/1?a=b", "push.example", "push.example")
    with pytest.raises(outside.Refused):
        outside.place_of("https://push.example/send/1")


def test_a_name_server_that_does_not_answer_holds_nobody_up(
    service: FakePush, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever chooses the service may have the name server, too. It is asked again, as a service that is down is."""
    kept, over = subscribe(service), threading.Event()
    settings.DJANGO_ENV = "production"
    monkeypatch.setattr(outside, "LOOKUP_SECS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: over.wait(60))
    kept.endpoint = "https://push.example/send/1"
    try:
        with pytest.raises(DeliveryError) as caught:
            push.send(kept, b"{}", "t")
    finally:
        over.set()
    assert (caught.value.permanent, caught.value.refused) == (False, False)


# -- what a browser tells us -------------------------------------------------------------------------------------------


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(Operator.objects.create_user("ayse", name="Ayşe"))
    return client


def told(client: Client, body: Any, method: str = "post") -> Any:
    call = client.post if method == "post" else client.delete
    return call("/admin/push/", json.dumps(body), content_type="application/json")


def test_a_browser_is_kept_once_and_for_one_operator(service: FakePush, console: Client) -> None:
    assert console.get("/admin/push/").json() == {"key": push.public_key()}
    browser = service.subscription("a")
    assert [told(console, browser).status_code for _ in range(2)] == [201, 201]
    other = Client()
    other.force_login(Operator.objects.create_user("bora", name="Bora"))
    assert told(other, {"endpoint": browser["endpoint"]}, "delete").status_code == 204
    [kept] = PushSubscription.objects.all()
    assert (kept.admin_id, kept.endpoint) == ("ayse", browser["endpoint"])
    assert told(other, browser).status_code == 201
    assert PushSubscription.objects.get().admin_id == "bora"
    assert told(other, {"endpoint": browser["endpoint"]}, "delete").status_code == 204
    assert PushSubscription.objects.count() == 0


def test_the_oldest_browsers_make_room(service: FakePush, console: Client) -> None:
    for number in range(subscriptions.EACH_MOST + 2):
        assert told(console, service.subscription(str(number))).status_code == 201
    names = [kept.endpoint.rpartition("/")[2] for kept in PushSubscription.objects.order_by("id")]
    assert names == [str(number) for number in range(2, subscriptions.EACH_MOST + 2)]


def test_nobody_subscribes_without_a_session(service: FakePush) -> None:
    assert told(Client(), service.subscription("a")).status_code in (302, 401, 403)
    assert PushSubscription.objects.count() == 0


@given(
    st.one_of(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=60)),
            lambda inner: st.dictionaries(st.sampled_from(["endpoint", "keys", "p256dh", "auth"]), inner, max_size=4),
            max_leaves=8,
        ),
        st.fixed_dictionaries(
            {
                "endpoint": st.text(max_size=1200).map(lambda text: f"https://push.example/{text}"),
                "keys": st.fixed_dictionaries({"p256dh": st.text(max_size=100), "auth": st.text(max_size=30)}),
            }
        ),
    )
)
def test_whatever_is_sent_is_kept_or_refused_in_words(body: Any) -> None:
    client = Client()
    client.force_login(Operator.objects.get_or_create(username="ayse")[0])
    answer = told(client, body)
    assert answer.status_code in (201, 400, 413)
    if answer.status_code != 201:
        assert answer.json()["error"]["code"] in ("schema", "too_large")


@given(st.text(max_size=100), st.text(max_size=40))
def test_keys_that_nothing_can_be_encrypted_for_are_refused(public_key: str, secret: str) -> None:
    with pytest.raises(DomainError):
        subscriptions.add("ayse", "https://push.example/1", public_key, secret, language="tr", browser="")


def test_a_service_that_no_header_can_name_is_refused(service: FakePush) -> None:
    given_by = service.subscription("a")["keys"]
    with pytest.raises(DomainError):
        subscriptions.check("https://büro.example/1", given_by["p256dh"], given_by["auth"])


def test_a_point_that_is_not_on_the_curve_ends_the_subscription(
    service: FakePush, operators: list[Any], road: Road
) -> None:
    operators.append(("ayse", None, "tr"))
    kept = subscribe(service)
    PushSubscription.objects.filter(pk=kept.pk).update(public_key="BA" + "A" * 85)
    join()
    road.finish_all()
    assert PushSubscription.objects.count() == 0
    assert [row.kind for row in pushes()] == [Kind.CUSTOMER_JOINED]


def signed_in(name: str, service: FakePush, browser: str) -> Client:
    """In a browser that is told."""
    client = Client()
    operator, _new = Operator.objects.get_or_create(username=name, defaults={"name": name})
    client.force_login(operator)
    assert told(client, service.subscription(browser)).status_code == 201
    return client


def browsers() -> list[str]:
    return [kept.endpoint.rpartition("/")[2] for kept in PushSubscription.objects.order_by("id")]


def test_a_browser_is_told_no_more_when_its_operator_signs_out_there(service: FakePush) -> None:
    desk, phone = signed_in("ayse", service, "desk"), signed_in("ayse", service, "phone")
    signed_in("bora", service, "other")
    assert desk.post("/admin/logout/").status_code == 302
    assert browsers() == ["phone", "other"]
    # Out of the other one from afar.
    key_hash = PushSubscription.objects.get(endpoint__endswith="phone").session
    desk.force_login(Operator.objects.get(username="ayse"))
    body = json.dumps({"session": key_hash})
    assert desk.post("/admin/session/revoke", body, content_type="application/json").json() == {"revoked": 1}
    assert phone.get("/admin/push/").status_code != 200
    assert browsers() == ["other"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"username": "ayse2"}, None])
def test_who_is_no_operator_any_more_is_told_nowhere(service: FakePush, change: dict[str, Any] | None) -> None:
    signed_in("ayse", service, "desk")
    signed_in("bora", service, "other")
    operator = Operator.objects.get(username="ayse")
    before = snapshot(operator)
    if change is None:
        note_deletion(before, by="root", client=NOBODY)
    else:
        Operator.objects.filter(pk=operator.pk).update(**change)
        operator.refresh_from_db()
        note_change(before, operator, by="root", client=NOBODY)
    assert browsers() == ["other"]


def test_another_name_for_customers_changes_nothing_about_browsers(service: FakePush) -> None:
    signed_in("ayse", service, "desk")
    operator = Operator.objects.get(username="ayse")
    before = snapshot(operator)
    operator.name = "Ayşe Hanım"
    note_change(before, operator, by="root", client=NOBODY)
    assert browsers() == ["desk"]
