"""What the console finds when an operator types a `/`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator
from desk.models import CannedReply, ReplyUse
from desk.replies import lookup
from desk.replies.lookup import SHOWN_MOST
from queueing.history.privacy import personal_data
from queueing.models import Conversation
from tests.desk.test_ratings import reported
from tests.desk.test_replies_admin import hostile
from tests.desk.test_wrap_up import conversation

pytestmark = pytest.mark.django_db
URL = "/admin/console/replies/"


def reply(shortcut: str, text: str = "Merhaba", **fields: Any) -> CannedReply:
    return CannedReply.objects.create(shortcut=shortcut, text=text, **fields)


def found(client: Client, typed: str = "", **more: str) -> list[str]:
    answer = client.get(URL, {"q": typed, **more})
    assert answer.status_code == 200
    return [row["shortcut"] for row in answer.json()["replies"]]


def test_the_most_used_come_first(browser: Any, deniz: Operator) -> None:
    reply("selam", used=1)
    often = reply("sss", used=2)
    assert found(browser(deniz), "s") == ["sss", "selam"]
    first = reply("son", used=2)
    assert browser(deniz).post(f"{URL}{first.pk}/used/").status_code == 204
    assert found(browser(deniz), "s") == ["son", "sss", "selam"]
    often.refresh_from_db()
    assert often.used == 2


def test_everybodys_and_ones_own_are_found_and_nobody_elses(browser: Any, deniz: Operator, efe: Operator) -> None:
    reply("ortak")
    reply("ozel", owner=deniz)
    other = reply("oteki", owner=efe)
    assert found(browser(deniz), "o") == ["ortak", "ozel"]
    assert browser(deniz).post(f"{URL}{other.pk}/used/").status_code == 404
    other.refresh_from_db()
    assert other.used == 0


@pytest.mark.parametrize(
    ("locale", "expected"), [("tr-TR", ["her", "tr"]), ("en", ["en", "her"]), ("xx", ["en", "her", "tr"])]
)
def test_a_customer_is_answered_in_their_language(
    browser: Any, deniz: Operator, locale: str, expected: list[str]
) -> None:
    for code in ("tr", "en"):
        reply(code, language=code)
    reply("her")
    Conversation.objects.create(pk="c1", joined_at=timezone.now(), locale=locale)
    assert found(browser(deniz), conversation="c1") == expected
    assert found(browser(deniz), conversation="nobody") == ["en", "her", "tr"]


def test_letters_are_found_as_people_type_them(browser: Any, deniz: Operator) -> None:
    reply("İade", "Para IADESİ üç gün sürer")
    for typed in ("iade", "İADE", "ıade", "para iad", "ÜÇ GÜN"):
        assert found(browser(deniz), typed) == ["İade"], typed
    assert found(browser(deniz), "yok") == []


def test_shortcuts_come_before_texts(browser: Any, deniz: Operator) -> None:
    reply("uzun", "iade koşulları", used=9)
    reply("iade", "kısa")
    assert found(browser(deniz), "iade") == ["iade", "uzun"]


def test_the_shortcut_that_was_typed_comes_before_longer_ones_and_ones_own_before_everybodys(
    browser: Any, deniz: Operator
) -> None:
    for n in range(SHOWN_MOST + 2):
        reply(f"iade-{n}", used=50 + n)
    reply("iade", "herkesin", used=9)
    reply("İADE", "benim", owner=deniz)
    answer = browser(deniz).get(URL, {"q": "iade"}).json()["replies"]
    assert [row["text"] for row in answer[:2]] == ["benim", "herkesin"]
    assert len(answer) == SHOWN_MOST
    # While it is still being typed the most used come first.
    assert found(browser(deniz), "iad")[0] == "iade-9"


def test_a_shortcut_that_folds_to_many_letters_is_found_by_itself(browser: Any, deniz: Operator) -> None:
    reply("ﷺ" * 32)
    assert found(browser(deniz), "ﷺ" * 32) == ["ﷺ" * 32]


def test_ten_thousand_replies_give_a_handful(browser: Any, deniz: Operator, django_assert_max_num_queries: Any) -> None:
    made = [
        CannedReply(shortcut=f"yanit-{n}", shortcut_folded=f"yanit-{n}", text="çok uzun bir metin " * 20, used=n)
        for n in range(10_000)
    ]
    CannedReply.objects.bulk_create(made, batch_size=500)
    client = browser(deniz)
    for typed in ("", "yanit", "metin", "hiçbirinde olmayan"):
        with django_assert_max_num_queries(6):
            answer = client.get(URL, {"q": typed})
        assert len(answer.json()["replies"]) == (0 if typed.startswith("hiç") else SHOWN_MOST)
        assert len(answer.content) < SHOWN_MOST * 4_100
    assert found(client, "metin")[0] == "yanit-9999"


def test_strangers_and_who_may_not_open_the_console_are_told_nothing(
    browser: Any, client: Client, deniz: Operator
) -> None:
    mine = reply("ortak")
    signed_in = browser(deniz)
    deniz.is_staff = False
    deniz.save()
    for asker in (client, signed_in):
        assert asker.get(URL).status_code == 401
        assert asker.post(f"{URL}{mine.pk}/used/").status_code == 401


def test_a_use_is_counted_by_post_alone(browser: Any, deniz: Operator) -> None:
    mine = reply("ortak")
    assert browser(deniz).get(f"{URL}{mine.pk}/used/").status_code == 405
    assert browser(deniz).post(f"{URL}{10**30}/used/").status_code == 404


def use(client: Client, pk: int, conversation: str) -> int:
    return client.post(f"{URL}{pk}/used/?conversation={conversation}").status_code


def test_a_use_stands_with_ones_own_conversation_alone(browser: Any, deniz: Operator, efe: Operator) -> None:
    mine = reply("ortak")
    conversation("c1")
    conversation("c2", by="efe")
    for where in ("c1", "c1", "c2", "nosuch", ""):
        assert use(browser(deniz), mine.pk, where) == 204
    mine.refresh_from_db()
    assert mine.used == 5
    assert list(ReplyUse.objects.values_list("conversation", "shortcut")) == [("c1", "ortak"), ("c1", "ortak")]


def test_of_one_conversation_so_many_are_kept(browser: Any, deniz: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "USES_MOST", 2)
    mine = reply("ortak")
    conversation("c1")
    for _ in range(4):
        assert use(browser(deniz), mine.pk, "c1") == 204
    assert ReplyUse.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_reports_and_files_say_how_often_and_which(browser: Any, deniz: Operator) -> None:
    client = browser(deniz)
    assert "Canned replies" not in client.get("/admin/reports/", {"days": "7"}).content.decode().split("</nav>")[-1]
    hello, wait = reply("selam"), reply("=1+1")
    conversation("c1")
    conversation("c2")
    for taken, where in ((hello, "c1"), (wait, "c1"), (hello, "c2"), (hello, "c2")):
        use(client, taken.pk, where)
    hello.delete()
    page = client.get("/admin/reports/", {"days": "7"})
    tables = {table.key: table.rows for table in page.context["tables"]}
    assert tables["replies"] == [["/selam", "3", "2"], ["/=1+1", "1", "1"]]
    assert [row["more"] for row in page.context["operators"]] == [["4"]]
    assert reported(client, "daily.csv")[-1]["canned_replies"] == "4"
    rows = {row["conversation"]: row["canned_replies"] for row in reported(client, "conversations.csv")}
    assert rows == {"c1": "/selam /=1+1", "c2": "/selam /selam"}
    told = client.get("/admin/queueing/conversation/c1/export.json").json()
    assert told["canned_replies"] == ["/selam", "/=1+1"]


def test_a_persons_export_has_them(deniz: Operator, browser: Any) -> None:
    mine = reply("ortak")
    conversation("c1")
    use(browser(deniz), mine.pk, "c1")
    [found] = personal_data.export(None, "c1", by="test")["conversations"]
    assert [row["shortcut"] for row in found["reply_uses"]] == ["ortak"]


def test_replies_go_with_their_owner(deniz: Operator) -> None:
    reply("ozel", owner=deniz)
    shared = reply("ortak")
    deniz.delete()
    assert list(CannedReply.objects.all()) == [shared]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=hostile | st.text(max_size=200), conversation=hostile)
def test_whatever_is_typed_is_answered(browser: Any, deniz: Operator, typed: str, conversation: str) -> None:
    CannedReply.objects.get_or_create(shortcut="ortak", defaults={"text": "x"})
    # Half an emoji comes as the bytes that no decoder takes.
    query = urlencode({"q": typed, "conversation": conversation}, errors="surrogatepass")
    answer = browser(deniz).get(f"{URL}?{query}")
    assert answer.status_code == (400 if "%00" in query else 200)
    # No wildcard of the database: what is typed is what is looked for.
    if answer.status_code == 200 and typed[:32] in ("%", "_"):
        assert answer.json()["replies"] == []
