"""A customer rates a conversation that is over: by its token, for a day, and nobody else."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from accounts.models import Operator
from desk.models import Rating
from desk.ratings import metrics, services
from desk.ratings.services import State
from infra.redis.client import client as redis
from infra.redis.scripts import key
from queueing.history.privacy import personal_data, retention
from queueing.history.recording import journal
from queueing.models import Conversation
from tests.desk.test_replies_admin import hostile
from tests.queueing.ended import ended, talk, token_of
from tests.queueing.world import Customer, lease, settle

pytestmark = pytest.mark.django_db
URL = "/chat/rating/"
CLOSED = {"open": False, "recorded": False, "score": None, "comment": ""}


@pytest.fixture(autouse=True)
def _open(redis_server: str) -> None:
    settle()
    lease()


@pytest.fixture
def token() -> str:
    """Of a conversation that is over and stands in the history."""
    known = token_of(ended("merhaba"))
    journal.record()
    return known


def rate(token: str | None, body: Any, **more: Any) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client(**more).post(URL, content, content_type="application/json", headers=headers)


def state(token: str) -> dict[str, Any]:
    response = Client().get(URL, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200, response.content
    assert "no-store" in response["Cache-Control"]
    answer: dict[str, Any] = response.json()
    return answer


def test_it_is_given_read_again_and_changed(token: str) -> None:
    assert state(token) == {"open": True, "recorded": True, "score": None, "comment": ""}
    first = rate(token, {"score": 2, "comment": "  bekledim\n"}, enforce_csrf_checks=True)
    assert (first.status_code, first.json()) == (
        200, {"open": True, "recorded": True, "score": 2, "comment": "bekledim"},
    )  # fmt: skip
    given_at = Rating.objects.get().given_at
    assert rate(token, {"score": 5}).json() == state(token) == {**first.json(), "score": 5, "comment": ""}
    row = Rating.objects.get()
    assert (row.score, row.comment, row.given_at) == (5, "", given_at)
    assert row.changed_at > given_at


def test_before_the_history_has_it_nothing_is_kept_and_the_answer_says_so() -> None:
    known = token_of(ended("merhaba"))
    early = {"open": True, "recorded": False, "score": None, "comment": ""}
    assert state(known) == early
    answer = rate(known, {"score": 4})
    assert (answer.status_code, answer.json()) == (200, early)
    journal.record()
    assert rate(known, {"score": 4}).json()["recorded"] is True
    assert state(known)["score"] == 4


def test_who_never_reached_an_operator_is_not_asked() -> None:
    waiting = Customer("Ayşe")
    waiting.join()
    waiting.leave()
    journal.record()
    known = token_of(waiting)
    assert state(known) == CLOSED
    assert (rate(known, {"score": 1}).status_code, rate(known, {"score": 1}).json()["error"]["code"]) == (
        403, "rating_closed",
    )  # fmt: skip


@pytest.mark.parametrize("reason", sorted(services.UNASKED))
def test_after_some_ends_nobody_is_asked(token: str, reason: str) -> None:
    change(reason=reason)
    assert state(token) == CLOSED
    assert rate(token, {"score": 1}).status_code == 403


def test_a_day_later_it_is_closed(token: str) -> None:
    change(ended_at=timezone.now().timestamp() * 1000 - services.OPEN_MS - 1)
    assert state(token) == CLOSED
    assert rate(token, {"score": 5}).json()["error"]["code"] == "rating_closed"


@override_settings(RATINGS=False)
def test_a_setting_turns_it_off(token: str, browser: Any, deniz: Operator) -> None:
    assert state(token) == CLOSED
    assert rate(token, {"score": 5}).status_code == 403
    assert "rating=any" not in browser(deniz).get("/admin/queueing/conversation/").content.decode()


def change(**fields: Any) -> None:
    """The live record, as it would stand then."""
    stored = redis().hget(key("conv"), "c0nversat10n")
    redis().hset(key("conv"), "c0nversat10n", json.dumps({**json.loads(str(stored)), **fields}))


def test_one_that_goes_on_is_not_over() -> None:
    assert rate(token_of(talk("merhaba")), {"score": 5}).json()["error"]["code"] == "not_over"


def test_only_who_holds_the_token_may(token: str) -> None:
    for bad in (None, "", "c0nversat10n", token[:-1], f"{token}x", "é", "x" * 5000):
        answer = rate(bad, {"score": 5})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_invalid"), bad
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        *({"score": score} for score in (0, 6, -1, 2.5, "5", True, None, [], 10**30)),
        *({}, {"comment": "gut"}, [], 5, "", b"\xff", '{"score": NaN}', {"score": 5, "comment": None}),
        *({"score": 5, "comment": {}}, {"score": 5, "comment": "x" * 1001}, {"score": 5, "comment": "x" * 9000}),
    ],
)
def test_what_is_no_rating_is_refused_and_says_which_field(token: str, body: Any) -> None:
    answer = rate(token, body)
    assert answer.status_code in (400, 413)
    assert answer.json()["error"]["code"] in ("schema", "too_large")
    assert not Rating.objects.exists()


def test_the_longest_comment_of_the_widest_letters_fits(token: str) -> None:
    assert rate(token, json.dumps({"score": 5, "comment": "😀" * 1000}, ensure_ascii=False).encode()).status_code == 200
    assert Rating.objects.get().comment == "😀" * 1000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile)
@override_settings(PARTY_LIMIT="100000/minute")
def test_no_comment_breaks_what_shows_it(token: str, browser: Any, deniz: Operator, comment: str) -> None:
    redis().delete(key("rates"))
    answer = rate(token, {"score": 3, "comment": comment[:1000]})
    if "\ud800" in comment:  # no page of ours sends half a letter
        assert answer.json()["error"]["code"] == "schema"
        return
    assert answer.status_code == 200
    shown = answer.json()["comment"]
    assert shown == state(token)["comment"] == Rating.objects.get().comment
    assert not set(shown) & set("\x00\u202e\u200b\ud800")
    page = browser(deniz).get("/admin/queueing/conversation/c0nversat10n/change/")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_changes_are_counted_before_anything_is_written(token: str) -> None:
    for _change in range(6):
        assert rate(token, {"score": 3}).status_code == 200
    answer = rate(token, {"score": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) >= 1
    assert state(token)["score"] == 3


@pytest.mark.django_db(transaction=True)
def test_erasure_and_retention_take_the_comment_and_leave_the_figure(token: str) -> None:
    rate(token, {"score": 1, "comment": "Rosalind'in telefonu 0555"})
    found = personal_data.export(None, "c0nversat10n", by="test")["conversations"][0]
    assert [(row["score"], row["comment"]) for row in found["rating"]] == [(1, "Rosalind'in telefonu 0555")]
    personal_data.erase(None, "c0nversat10n", by="test")
    assert (Rating.objects.get().score, Rating.objects.get().comment) == (1, "")
    assert rate(token, {"score": 5, "comment": "again"}).status_code == 410
    assert Rating.objects.get().comment == ""


def test_words_do_not_come_back_while_they_are_erased(token: str) -> None:
    """The live state still has it, the history is done already."""
    retention.anonymise(["c0nversat10n"])
    assert state(token) == CLOSED
    assert rate(token, {"score": 5, "comment": "again"}).json()["error"]["code"] == "rating_closed"
    assert not Rating.objects.exists()


def test_the_list_shows_filters_and_sorts_them_with_no_query_more_for_each(
    browser: Any, deniz: Operator, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    for n in range(20):
        row = Conversation.objects.create(pk=f"c{n}", name=f"n{n}", joined_at=now, claimed_at=now, status="ended")
        if n % 2:
            Rating.objects.create(conversation=row, score=n % 5 + 1, comment="yavaş <b>" if n == 7 else "")
    seen = browser(deniz)
    seen.get("/admin/queueing/conversation/")
    with django_assert_max_num_queries(14):
        page = seen.get("/admin/queueing/conversation/").content.decode()
    assert "yavaş &lt;b&gt;" in page
    counts = {"any": 10, "none": 10, "comment": 1, "3": 2, "1": 2, "7": 20, "x": 20}
    for chosen, expected in counts.items():
        answer = seen.get("/admin/queueing/conversation/", {"rating": chosen})
        assert answer.context_data["cl"].result_count == expected, chosen
    assert seen.get("/admin/queueing/conversation/", {"o": "8"}).status_code == 200
    body = seen.get("/admin/queueing/conversation/c7/export.json").json()
    assert (body["rating"]["score"], body["rating"]["comment"]) == (3, "yavaş <b>")
    assert seen.get("/admin/queueing/conversation/c0/export.json").json()["rating"] is None


def reported(client: Client, path: str) -> list[dict[str, str]]:
    answer: Any = client.get(f"/admin/reports/{path}", {"days": "7", "separator": "comma"})
    content = b"".join(answer) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.django_db(transaction=True)
def test_reports_count_them_by_day_and_operator(browser: Any, deniz: Operator) -> None:
    now = timezone.now()
    given_scores = {"deniz": (5, 4, None, None), "efe": (1, None)}
    for admin_id, scores in given_scores.items():
        for n, score in enumerate(scores):
            row = Conversation.objects.create(
                pk=f"{admin_id}{n}", joined_at=now, claimed_at=now, ended_at=now, status="ended", admin_id=admin_id
            )
            if score:
                Rating.objects.create(conversation=row, score=score, comment="=1+1" if score == 1 else "")
    Conversation.objects.create(pk="gone", joined_at=now, ended_at=now, status="ended")
    seen = browser(deniz)
    page = seen.get("/admin/reports/", {"days": "7"})
    assert {"label": "Rating", "value": "3.3", "note": "3 ratings, 50% of those answered"} in page.context["tiles"]
    assert [row["more"] for row in page.context["operators"]] == [["4.5", "50%"], ["1.0", "50%"]]
    assert [chart.key for chart in page.context["charts"]][-2:] == ["ratings", "rating"]
    day = reported(seen, "daily.csv")[-1]
    assert [day[name] for name in ("rating", "ratings", "rated_1", "rated_3", "rated_5")] == [
        "3.33",
        "3",
        "1",
        "0",
        "1",
    ]
    assert reported(seen, "daily.csv")[0]["rating"] == ""
    rows = {row["conversation"]: (row["rating"], row["rating_comment"]) for row in reported(seen, "conversations.csv")}
    assert (rows["deniz0"], rows["efe0"], rows["efe1"]) == (("5", ""), ("1", "'=1+1"), ("", ""))


def test_what_nobody_gave_is_not_shown(browser: Any, deniz: Operator) -> None:
    Conversation.objects.create(pk="c1", joined_at=timezone.now())
    page = browser(deniz).get("/admin/reports/", {"days": "7"})
    assert "rating" not in [chart.key for chart in page.context["charts"]]
    assert "Rating" not in [tile["label"] for tile in page.context["tiles"]]


def test_prometheus_reads_those_of_the_last_day() -> None:
    for n, hours in enumerate((1, 2, 30)):
        row = Conversation.objects.create(pk=f"c{n}", joined_at=timezone.now())
        Rating.objects.create(conversation=row, score=4, given_at=timezone.now() - timedelta(hours=hours))
    (family,) = metrics.collect()
    assert {sample.labels["score"]: sample.value for sample in family.samples} == {
        "1": 0, "2": 0, "3": 0, "4": 2, "5": 0,
    }  # fmt: skip


def test_a_state_is_plain_json() -> None:
    assert State(True, True, 3, "x").as_dict() == {"open": True, "recorded": True, "score": 3, "comment": "x"}
