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
from desk.models import CannedReply
from desk.replies.lookup import SHOWN_MOST
from queueing.models import Conversation
from tests.desk.test_replies_admin import hostile

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
    assert answer.status_code == 200
    # No wildcard of the database: what is typed is what is looked for.
    if typed[:32] in ("%", "_"):
        assert answer.json()["replies"] == []
