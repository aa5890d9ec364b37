"""What a site asks: in the admin, in its profile, and what its owner may not make of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.models import AuditEvent, Operator
from signaling.wire.inbound import QueueJoin
from sites import lookup, questions
from sites.admin.questions import free_key
from sites.models import OwnQuestion, Site
from sites.questions import (
    AS_EVER,
    KEY_FORM,
    OWN_MOST,
    Ask,
    Kind,
    Question,
    choices_of,
    in_language,
    shown_to,
    words_of,
)
from tests.drawn import drawn
from tests.sites.form import filled
from tests.sites.test_admin import LIST, errors, page_of
from tests.sites.test_lookup import HOSTILE

ORDER = {"kind": "text", "ask": "required", "labels_tr": "Sipariş numarası", "labels_en": "Order number"}
REASON = {
    "kind": "choice",
    "ask": "optional",
    "labels_tr": "Neden",
    "choices_tr": "İade\nKargo",
    "choices_en": "Return\nParcel",
}
TERMS = {"kind": "consent", "ask": "required", "labels_tr": "Onaylıyorum", "link": "https://shop.example/terms"}


def made(owner: Client, *own: dict[str, Any], **site: Any) -> Site:
    answer = owner.post(f"{LIST}add/", filled(*own, **site))
    assert answer.status_code == 302, errors(answer)
    lookup.sites.clear()
    return Site.objects.exclude(key="").latest("pk")


def test_bounds_are_those_of_the_wire() -> None:
    from pydantic import TypeAdapter

    from signaling.wire.fields import ANSWER_MOST, ANSWERS_MOST

    known = TypeAdapter(QueueJoin).json_schema()["properties"]
    (topic,) = [part["maxLength"] for part in known["topic"]["anyOf"] if "maxLength" in part]
    (name,) = [part["maxLength"] for part in known["name"]["anyOf"] if "maxLength" in part]
    assert (name, topic) == (questions.NAME_MOST, questions.TOPIC_MOST)
    assert max(questions.MOST.values()) < ANSWER_MOST
    assert OWN_MOST + len(questions.STANDARD) < ANSWERS_MOST


def test_a_site_asks_what_its_owner_wrote(owner: Client) -> None:
    site = made(
        owner, ORDER, REASON, TERMS, ask_email="required-unsigned", ask_name="optional",
        topics_tr="Fatura\n\n Kargo ", topics_en="Bill\nParcel", title_tr="Merhaba", wait_en="Tea?",
    )  # fmt: skip
    profile = lookup.find(site.key).site
    asked = {one.key: one for one in profile.questions}
    assert list(asked) == ["name", "email", "phone", "topic", "siparis_numarasi", "neden", "onayliyorum"]
    assert (asked["name"].is_required, asked["email"].spares_signed, asked["phone"].is_asked) == (False, True, False)
    assert asked["topic"].choices == ({"tr": "Fatura", "en": "Bill"}, {"tr": "Kargo", "en": "Parcel"})
    assert asked["topic"].values("tr") == ["Fatura", "Kargo"]
    assert asked["siparis_numarasi"] == Question(
        "siparis_numarasi", Kind.TEXT, Ask.REQUIRED, {"tr": "Sipariş numarası", "en": "Order number"}
    )
    assert asked["neden"].choices[1] == {"tr": "Kargo", "en": "Parcel"}
    assert asked["onayliyorum"].link == "https://shop.example/terms"
    assert profile.texts == {"tr": {"title": "Merhaba"}, "en": {"wait": "Tea?"}}
    assert {one.key for one in shown_to(profile.questions, signed=True)} == {*asked} - {"email", "phone"}
    assert set(AuditEvent.objects.get(kind="site_created").detail) >= {"question neden", "texts", "ask_email"}

    # Edited: one word changed, one taken out, the keys stay; the trail names both.
    first, second, third = site.own_questions.all()
    edited = [{**ORDER, "id": first.pk, "labels_tr": "Sipariş"}, {**REASON, "id": second.pk}, {**TERMS, "id": third.pk}]
    edited[1]["DELETE"] = "on"
    answer = owner.post(page_of(site), filled(*edited, before=3, title_tr="Merhaba"))
    assert answer.status_code == 302, errors(answer)
    assert list(site.own_questions.values_list("key", flat=True)) == ["siparis_numarasi", "onayliyorum"]
    changed = AuditEvent.objects.get(kind="site_changed").detail
    assert changed["question neden"][1] is None
    assert changed["question siparis_numarasi"][1]["labels"]["tr"] == "Sipariş"
    assert "question onayliyorum" not in changed
    # Saved as it is, it is no change.
    page = owner.get(page_of(site)).content.decode()
    assert "Sipariş" in page
    assert "https://shop.example/terms" in page


def test_without_questions_it_is_as_ever(owner: Client) -> None:
    assert lookup.find("").site.questions == AS_EVER
    assert made(owner).profile().questions == AS_EVER


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({**ORDER, "labels_tr": "", "labels_en": " "}, "in one language at least"),
        ({**ORDER, "labels_tr": "x" * 121}, "120"),
        ({**ORDER, "key": "Order-Number"}, "Small letters"),
        ({**ORDER, "key": "email"}, "meaning of its own"),
        ({**REASON, "choices_tr": "", "choices_en": ""}, "two choices"),
        ({**REASON, "choices_en": "Return"}, "as many lines"),
        ({**REASON, "choices_tr": "a\na", "choices_en": ""}, "only once"),
        ({**REASON, "choices_tr": "x" * 81 + "\nb", "choices_en": ""}, "80"),
        ({**REASON, "choices_tr": "\n".join(map(str, range(21))), "choices_en": ""}, "20"),
        ({**TERMS, "link": "javascript:alert(1)"}, "https://"),
        ({**TERMS, "link": "https://"}, "https://"),
        ({**TERMS, "link": 'https://a/"x'}, "https://"),
        ({**TERMS, "link": "//shop.example"}, "https://"),
        ({**ORDER, "kind": "name"}, "valid choice"),
        ({**ORDER, "ask": "always"}, "valid choice"),
    ],
)
def test_what_is_no_question_is_named(owner: Client, own: dict[str, Any], said: str) -> None:
    answer = owner.post(f"{LIST}add/", filled(own))
    assert answer.status_code == 200
    assert said in errors(answer)
    assert not OwnQuestion.objects.exists()


def test_there_is_an_end_of_them_and_no_key_twice(owner: Client) -> None:
    answer = owner.post(f"{LIST}add/", filled(*[ORDER] * (OWN_MOST + 1)))
    assert answer.status_code == 200
    assert str(OWN_MOST) in answer.content.decode()
    site = made(owner, *[ORDER] * 3, {**ORDER, "key": "siparis_numarasi_2"})
    assert {one.key for one in site.own_questions.all()} == {
        "siparis_numarasi", "siparis_numarasi_2", "siparis_numarasi_3", "siparis_numarasi_4",
    }  # fmt: skip
    assert owner.post(f"{LIST}add/", filled({**ORDER, "key": "a"}, {**ORDER, "key": "a"})).status_code == 200


def test_who_may_edit_a_site_may_edit_what_it_asks(redis_server: str, db: None) -> None:
    operator = Operator.objects.create_user("editor", name="Editor")
    operator.user_permissions.set(Permission.objects.filter(codename="change_site"))
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(operator)
    default = Site.objects.get(key="")
    assert browser.post(page_of(default), filled(ORDER)).status_code == 302
    assert default.own_questions.count() == 1
    assert browser.get(f"{LIST}add/").status_code == 403


def test_words_of_a_language_that_is_gone_stay(owner: Client) -> None:
    site = made(owner, ORDER, REASON, title_tr="Merhaba", topics_tr="a\nb")
    own = site.own_questions.get(kind="choice")
    OwnQuestion.objects.filter(pk=own.pk).update(
        labels={**own.labels, "xx": "Why"}, choices={**own.choices, "xx": ["q"]}
    )
    Site.objects.filter(pk=site.pk).update(
        texts={"tr": {"title": "Merhaba"}, "xx": {"title": "Hi"}}, topics={"tr": ["a", "b"], "xx": ["c", "d"]}
    )
    first, second = site.own_questions.all()
    sent = filled({**ORDER, "id": first.pk}, {**REASON, "id": second.pk}, before=2, title_tr="Selam", topics_tr="a\nb")
    assert owner.post(page_of(site), sent).status_code == 302
    site.refresh_from_db()
    own.refresh_from_db()
    assert site.texts == {"tr": {"title": "Selam"}, "xx": {"title": "Hi"}}
    assert site.topics["xx"] == ["c", "d"]
    assert (own.labels["xx"], own.choices["xx"]) == ("Why", ["q"])
    # Another number of lines: not beside the others.
    assert own.question().choices == ({"tr": "İade", "en": "Return"}, {"tr": "Kargo", "en": "Parcel"})


def test_words_are_found_in_some_language() -> None:
    assert in_language({"tr": "a", "en": "b"}, "en") == "b"
    assert in_language({"tr": "a", "en": ""}, "en", "tr") == "a"
    assert in_language({"de": "c"}, "en", "tr") == "c"
    assert in_language({}, "en") == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_whatever_a_row_holds_is_read(value: Any) -> None:
    assert all(isinstance(text, str) and text for text in words_of(value, 5).values())
    assert all(len(text) <= 5 for text in words_of(value, 5).values())
    for choice in choices_of(value):
        assert choice
        assert all(isinstance(text, str) and text for text in choice.values())
    site = Site(topics=value, texts=value, ask_name="whenever")
    profile = site.profile()
    assert profile.questions[0].ask == Ask.NEVER
    own = OwnQuestion(kind="choice", ask="x", key="k", labels=value, choices=value, link="javascript:x")
    assert own.question().link == ""


@given(st.text(max_size=200), st.sets(st.sampled_from(["question", "question_2", "order"])))
def test_a_key_can_be_written_by_a_page(label: str, taken: set[str]) -> None:
    key = free_key(label, taken)
    assert re.fullmatch(KEY_FORM, key)
    assert key not in taken
    assert key not in questions.STANDARD


hostile = st.one_of(
    st.text(max_size=200),
    st.sampled_from([word[:3000] for word in HOSTILE]),
    st.sampled_from(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s", "\n" * 50]),
)


@examples(max_examples=drawn(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({
    "kind": st.sampled_from(["text", "choice", "consent", "name", "\x00"]), "ask": st.sampled_from([*Ask.values, "x"]),
    "labels_tr": hostile, "choices_tr": hostile, "choices_en": hostile, "link": hostile, "key": hostile,
    "position": st.sampled_from(["", "0", "-1", "9" * 30, "x"]),
}), max_size=3), hostile, hostile)  # fmt: skip
def test_no_question_breaks_the_form(
    owner: Client, client: Client, own: list[dict[str, str]], title: str, topics: str
) -> None:
    Site.objects.exclude(key="").delete()
    sent = filled(*own, title_tr=title, topics_en=topics)
    clean = {key: str(value).encode("utf-8", "replace").decode() for key, value in sent.items()}
    answer = owner.post(f"{LIST}add/", clean)
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        lookup.sites.clear()
        site = Site.objects.exclude(key="").get()
        assert owner.get(page_of(site)).status_code == 200
        page = client.get("/widget/", {"site": site.key})
        assert page.status_code == 200
        for mark in ("<script>alert", "<img src=x"):
            assert mark not in page.content.decode()
