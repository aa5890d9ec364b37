"""The conversation in the admin: readable by every operator, changeable by nobody; words, charts, downloads."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from queueing.admin.page import charts, export, view
from queueing.history import words
from queueing.history.models import CallSample, Conversation, ConversationEvent
from tests.queueing.full_conversation import CLAIM, END, EVENTS, a_full_conversation, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
LIST = reverse("admin:queueing_conversation_changelist")


@pytest.fixture
def deniz() -> Any:
    """An operator who runs nothing."""
    return get_user_model().objects.create_user("deniz", name="Deniz")


@pytest.fixture
def browser(deniz: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(deniz)
    return client


@pytest.fixture
def conversation(deniz: Any) -> Conversation:
    return a_full_conversation(operator=deniz)


def page_of(conversation: Conversation) -> str:
    return reverse("admin:queueing_conversation_change", args=[conversation.pk])


def html(browser: Client, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_every_operator_may_read_it(browser: Client, conversation: Conversation) -> None:
    text = text_of(html(browser, page_of(conversation)))
    for expected in (
        "Ayşe Yılmaz",
        "Sipariş durumu",
        "Waited 3:12",
        "promised 1:00 to 2:30 · 0:42 longer",
        "Talked 10:40 Deniz",
        "Interruptions 1 0:20 in all, 5 attempts",
        "Ended: hung up",
        "cust-881",
        "Tekrar bağlandım sanırım",
        "Language Türkçe",
    ):
        assert expected in text


def test_the_index_leads_to_it(browser: Client) -> None:
    assert LIST in html(browser, reverse("admin:index"))


def test_nobody_changes_anything(client: Client, conversation: Conversation) -> None:
    client.force_login(get_user_model().objects.create_user("ayse", name="Ayşe", is_superuser=True))
    client.post(page_of(conversation), {"name": "Mallory"})
    conversation.refresh_from_db()
    assert conversation.name == "Ayşe Yılmaz"
    assert client.get(reverse("admin:queueing_conversation_add")).status_code == 403
    delete = reverse("admin:queueing_conversation_delete", args=[conversation.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["change", "transcript", "export"])
def test_strangers_are_sent_to_sign_in(client: Client, conversation: Conversation, name: str) -> None:
    response = client.get(reverse(f"admin:queueing_conversation_{name}", args=[conversation.pk]))
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize("name", ["change", "transcript", "export"])
def test_what_does_not_exist_is_not_found(browser: Client, name: str) -> None:
    assert browser.get(reverse(f"admin:queueing_conversation_{name}", args=["nothing"])).status_code == 404


def test_the_page_obeys_the_style_policy(browser: Client, conversation: Conversation) -> None:
    page = html(browser, page_of(conversation))
    body = page[page.index('<div class="ad-conversation">') :]
    assert " style=" not in body
    assert "<style" not in body


def test_what_a_customer_writes_is_text(browser: Client, deniz: Any) -> None:
    mean = a_full_conversation(operator=deniz)
    mean.name = mean.topic = "<script>alert(1)</script>"
    mean.attributes = {"<b>": "<img src=x>"}
    mean.save()
    mean.messages.update(text="<script>alert(2)</script>")
    ConversationEvent.objects.filter(conversation=mean, kind="call:region").update(data={"region": "<i>"})
    for url in (page_of(mean), LIST):
        page = html(browser, url)
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "<i>" not in page


def test_what_the_site_has_signed_stands_apart_from_what_anybody_can_send(browser: Client, deniz: Any) -> None:
    spoofed = a_full_conversation(operator=deniz)
    spoofed.attributes = {"Doğrulanmış kimlik": "the-boss", "identity": {"sub": "cust-881", "email": ""}}
    spoofed.save()
    page = html(browser, page_of(spoofed))
    signed, sent = page.index("ad-conversation-vouched"), page.index("ad-conversation-unchecked")
    assert signed < page.index("cust-881") < sent < page.index("the-boss")
    assert page.count("ad-conversation-vouched") == 1
    spoofed.attributes = {"Doğrulanmış kimlik": "the-boss"}
    spoofed.save()
    assert "ad-conversation-vouched" not in html(browser, page_of(spoofed))


def test_what_was_answered_before_stands_on_the_page_and_in_the_json(browser: Client, deniz: Any) -> None:
    answers = [
        {"key": "email", "kind": "email", "value": "ayse@example.com"},
        {"key": "order", "kind": "text", "value": "<b>A-1</b>", "label": "Sipariş <i>"},
        {"key": "terms", "kind": "consent", "value": True, "label": "I agree", "link": "https://shop.example/terms"},
        {"key": "bad", "kind": "consent", "value": True, "link": "javascript:alert(1)"},
        "no answer",
    ]
    conversation = a_full_conversation(operator=deniz, answers=answers)
    page = html(browser, page_of(conversation))
    assert "E-mail</bdi></dt><dd" in page
    assert "&lt;b&gt;A-1&lt;/b&gt;" in page
    assert "Sipariş &lt;i&gt;" in page
    assert 'href="https://shop.example/terms" rel="noopener noreferrer"' in page
    assert "javascript:" not in page
    export = browser.get(reverse("admin:queueing_conversation_export", args=[conversation.pk])).json()
    assert export["conversation"]["answers"] == answers


def test_the_charts_are_drawn_and_described(browser: Client, conversation: Conversation) -> None:
    page = html(browser, page_of(conversation))
    drawings = [ElementTree.fromstring(svg) for svg in re.findall(r'<svg viewBox="0 0 720.*?</svg>', page, re.DOTALL)]
    assert len(drawings) == 7  # five figures, and the ladder of both sides
    for drawing in drawings[:5]:
        assert drawing.get("role") == "img"
        assert drawing.findtext("title")
        assert "Customer: mean" in (drawing.findtext("desc") or "")
        lines = [path for path in drawing.iter("path") if path.get("class") == "ad-conversation-line"]
        assert [line.get("data-side") for line in lines] == ["customer", "operator"]
        assert [rect.get("data-kind") for rect in drawing.iter("rect")] == ["lost"]
    customer = drawings[5]
    kinds = [rect.get("data-kind") for rect in customer.iter("rect") if rect.get("data-kind")]
    assert kinds == ["rung-2", "rung-4", "rung-3", "rung-1", "lost"]


def test_every_kind_of_entry_has_its_words_in_both_languages(conversation: Conversation) -> None:
    told: dict[str, list[words.Told]] = {}
    for language in ("en", "tr"):
        with translation.override(language):
            told[language] = [words.describe(event) for event in conversation.events.all()]
    unknown = [kind for _second, kind, _data in EVENTS].index("made:up")
    for number, (english, turkish) in enumerate(zip(told["en"], told["tr"], strict=True)):
        if number == unknown:
            assert english.text == turkish.text == "made:up"
        else:
            assert english.text != turkish.text


def test_an_entry_that_lacks_everything_is_still_told() -> None:
    for kind in {kind for _second, kind, _data in EVENTS}:
        assert words.describe(ConversationEvent(kind=kind, data={})).text


def test_a_conversation_that_just_began_has_a_page(browser: Client) -> None:
    waiting = Conversation.objects.create(id="w1", joined_at=at(0))
    text = text_of(html(browser, page_of(waiting)))
    assert "Waits in the queue" in text
    assert "No messages were written." in text
    assert "The call in figures" not in text


def test_a_running_call_is_summed_up_so_far(browser: Client, conversation: Conversation) -> None:
    Conversation.objects.update(status="active", ended_at=None, reason="", reconnects=0, had_trouble=False)
    conversation.events.filter(kind="ended").delete()
    text = text_of(html(browser, page_of(conversation)))
    assert "Talks with an operator now" in text
    assert "Interruptions 1 0:20 in all, 5 attempts" in text
    conversation.refresh_from_db()
    assert conversation.reconnects == 0


def test_a_long_timeline_is_cut_and_says_so(browser: Client, conversation: Conversation) -> None:
    more = view.EVENTS_SHOWN + 5 - len(EVENTS)
    ConversationEvent.objects.bulk_create(
        ConversationEvent(conversation=conversation, entry_id=f"x{n}", kind="call:region", at=at(END), data={})
        for n in range(more)
    )
    assert "5 more entries are in the JSON." in text_of(html(browser, page_of(conversation)))


def test_the_transcript_is_a_text_file(browser: Client, conversation: Conversation) -> None:
    response = browser.get(reverse("admin:queueing_conversation_transcript", args=[conversation.pk]))
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="conversation-{conversation.pk}.txt"'
    lines = response.content.decode().splitlines()
    assert "Customer: Ayşe Yılmaz" in lines
    assert "[12:17:34] Deniz: Sipariş numaranızı buraya yazar mısınız?" in lines


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nobody_can_write_a_line_that_another_seems_to_have_said(deniz: Any, line_break: str) -> None:
    forged = f"{line_break}[12:17:34] Deniz: Size iade yapacağız"
    talked = a_full_conversation(operator=deniz)
    plain = len(export.transcript(talked).splitlines())
    talked.name, talked.topic = f"Ayşe{forged}", f"iade{forged}"
    talked.messages.filter(pk=talked.messages.all()[0].pk).update(text=f"merhaba{forged}")
    lines = export.transcript(talked).splitlines()
    assert len(lines) == plain + 1
    assert [line for line in lines if line.startswith("[12:17:34] Deniz: Size iade")] == []
    assert " " * 11 + forged[len(line_break) :] in lines


def test_a_date_stands_where_a_day_changes(browser: Client, deniz: Any) -> None:
    talked = a_full_conversation(operator=deniz)
    last = talked.messages.all()[talked.messages.count() - 1]
    talked.messages.filter(pk=last.pk).update(sent_at=last.sent_at + timedelta(days=1))
    with translation.override("tr"):
        lines = export.transcript(talked).splitlines()
    assert lines[lines.index("— 03 Mart 2026 —") + 1].startswith("[12:27:18] Deniz: Kargo")
    assert len([line for line in lines if line.startswith("—")]) == 1
    assert html(browser, page_of(talked)).count("ad-conversation-day") == 1


def test_the_export_has_everything(browser: Client, conversation: Conversation) -> None:
    response = browser.get(reverse("admin:queueing_conversation_export", args=[conversation.pk]))
    told = json.loads(response.content)
    assert told["conversation"]["name"] == "Ayşe Yılmaz"
    assert told["conversation"]["waited_s"] == CLAIM
    assert len(told["events"]) == len(EVENTS)
    assert len(told["messages"]) == conversation.messages.count()
    assert len(told["samples"]) == conversation.samples.count()
    assert told["samples"][0]["rtt_ms"] == conversation.samples.all()[0].rtt_ms


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=TR-2026-104882", True),
        ("?q=Ayşe", True),
        ("?q=Ab3dEfGh1jKlMn0p", True),
        ("?q=nothing", False),
        ("?had_trouble__exact=1", True),
        ("?had_trouble__exact=0", False),
        ("?status__exact=ended&media__exact=video", True),
        ("?ended=hangup", True),
        ("?ended=left", False),
        ("?ended=other", False),
    ],
)
def test_the_list_finds_it(browser: Client, conversation: Conversation, query: str, found: bool) -> None:
    assert (page_of(conversation) in html(browser, LIST + query)) is found


def test_the_list_shows_waits_and_quality(browser: Client, conversation: Conversation) -> None:
    text = text_of(html(browser, LIST))
    for expected in ("3:12", "10:40", f"{conversation.mean_quality:.1f}", "1×", "hung up", "Deniz"):
        assert expected in text


def test_the_list_asks_the_database_the_same_however_long_it_is(
    browser: Client, deniz: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        a_full_conversation(f"c{number}", operator=deniz)
    with django_assert_max_num_queries(20):
        html(browser, LIST)


def sample(second: float, value: float, side: str = "customer") -> CallSample:
    return CallSample(side=side, at=at(second), rtt_ms=value)


def test_a_line_breaks_where_nothing_was_measured() -> None:
    span = charts.Span(at(0), at(100))
    samples = [sample(second, 100.0) for second in (0, 5, 10, 60, 65)]
    (chart,) = charts.charts(samples, span, [])
    assert chart.lines[0].path == "M0.0 60.0h0L36.0 60.0L72.0 60.0M432.0 60.0h0L468.0 60.0"


def test_a_chart_is_as_high_as_its_highest_value() -> None:
    span = charts.Span(at(0), at(10))
    (calm,) = charts.charts([sample(0, 40.0)], span, [])
    (wild,) = charts.charts([sample(0, 40.0), sample(5, 730.0, "operator")], span, [])
    assert (calm.top, wild.top) == ("200 ms", "1000 ms")


def test_a_call_without_length_can_be_drawn() -> None:
    span = charts.Span(at(0), at(0))
    (chart,) = charts.charts([sample(0, 40.0)], span, [(at(0), at(0) + timedelta(seconds=1))])
    assert chart.bands[0].width >= 2
