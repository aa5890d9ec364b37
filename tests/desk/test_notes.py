"""What operators write down for each other: about a conversation or a person, and never for the customer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator
from desk.models import Note
from desk.notes import keeping
from desk.notes.admin import count_of, counted
from desk.notes.models import TEXT_MAX, About
from infra.errors import DomainError
from queueing import said
from queueing.admin.page import export
from queueing.history.privacy import personal_data, retention
from queueing.history.recording import journal
from queueing.models import Conversation
from tests.desk.test_ratings import reported
from tests.desk.test_replies_admin import hostile
from tests.desk.test_wrap_up import conversation
from tests.queueing.ended import ended, token_of
from tests.queueing.world import contents, lease, settle

pytestmark = pytest.mark.django_db
ADA = {"identity": {"sub": "ada-1", "name": "Ada"}}


def url(pk: str = "c1") -> str:
    return f"/admin/console/notes/{pk}/"


def post(client: Client, where: str, **body: Any) -> Any:
    return client.post(where, json.dumps(body), content_type="application/json")


def write(client: Client, text: str, about: str = "conversation", pk: str = "c1", key: str = "") -> Any:
    key = key or f"key-{Note.objects.count():08d}"
    return post(client, url(pk), text=text, about=about, key=key)


def test_a_note_is_written_read_and_changed(browser: Any, deniz: Operator) -> None:
    conversation()
    client = browser(deniz)
    first = write(client, "  Ödemeyi iki kez denemiş.\n<b>Sinirli</b> ")
    assert first.status_code == 200
    note = first.json()["note"]
    assert (note["text"], note["author"], note["own"]) == ("Ödemeyi iki kez denemiş.\n<b>Sinirli</b>", "Deniz", True)
    assert note["edited_at"] is None
    again = post(client, f"/admin/console/note/{note['id']}/", text="Sakinleşti").json()["note"]
    assert (again["text"], again["at"]) == ("Sakinleşti", note["at"])
    assert again["edited_at"] > again["at"]
    shown = client.get(url()).json()
    assert shown == {"recorded": True, "person": False, "notes": [again], "earlier": []}
    # The same text again is no edit.
    assert post(client, f"/admin/console/note/{note['id']}/", text="Sakinleşti ").json()["note"] == again


def test_the_same_key_is_the_same_note(browser: Any, deniz: Operator) -> None:
    conversation()
    client = browser(deniz)
    one, two = (write(client, text, key="a-random-word") for text in ("bir", "iki"))
    assert one.json() == two.json()
    assert Note.objects.count() == 1


def test_what_was_written_about_a_person_is_there_the_next_time(browser: Any, deniz: Operator, efe: Operator) -> None:
    conversation("c1", attributes=ADA)
    conversation("c2", by="efe", attributes=ADA)
    conversation("c3", by="efe", attributes={"identity": {"sub": "bora"}})
    write(browser(deniz), "Yüksek sesle konuşun", "person")
    write(browser(deniz), "Kargo sordu")
    shown = browser(efe).get(url("c2")).json()
    assert shown["person"] is True
    assert [(note["text"], note["own"], note["about"]) for note in shown["earlier"]] == [
        ("Yüksek sesle konuşun", False, "person"), ("Kargo sordu", False, "conversation"),
    ]  # fmt: skip
    assert browser(efe).get(url("c3")).json()["earlier"] == []


def test_about_a_person_needs_to_be_signed_by_the_site(browser: Any, deniz: Operator) -> None:
    conversation(attributes={"identity": "ada"})
    assert write(browser(deniz), "x", "person").status_code == 400
    # An empty identity joins no strangers.
    conversation("c2")
    write(browser(deniz), "y")
    assert browser(deniz).get(url("c2")).json()["earlier"] == []


def test_early_foreign_and_strange(browser: Any, client: Client, deniz: Operator, efe: Operator) -> None:
    mine = browser(deniz)
    early = {"recorded": False, "person": False, "notes": [], "earlier": []}
    assert (mine.get(url()).status_code, mine.get(url()).json()) == (200, early)
    assert write(mine, "x").json() == early
    conversation(by="efe")
    assert write(browser(efe), "x").status_code == 200
    note = Note.objects.get()
    for answer in (mine.get(url()), write(mine, "y")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_yours")
    assert post(mine, f"/admin/console/note/{note.pk}/", text="z").status_code == 404
    assert post(mine, f"/admin/console/note/{10**30}/", text="z").status_code == 404
    for answer in (client.get(url()), write(client, "x"), post(client, f"/admin/console/note/{note.pk}/", text="z")):
        assert answer.status_code == 401
    assert list(Note.objects.values_list("text", flat=True)) == ["x"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": " \u200b\u202e"}, 400), ({"text": "x" * (TEXT_MAX + 1)}, 400), ({"text": "x" * 100_000}, 413),
        ({"text": 5}, 400), ({"text": None}, 400), ({"about": "everybody"}, 400), ({"key": "short"}, 400),
        ({"key": "x" * 65}, 400), ({"key": "a b c d e f g"}, 400), ({"author": "efe"}, 400),
    ],
)  # fmt: skip
def test_what_says_nothing_or_too_much_is_refused(browser: Any, deniz: Operator, body: Any, status: int) -> None:
    conversation()
    client = browser(deniz)
    sent = {"text": "x", "about": "conversation", "key": "long-enough", **body}
    answer = post(client, url(), **sent)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert not Note.objects.exists()
    kept = write(client, "👩‍👩‍👧‍👦" * 285).json()["note"]
    if "text" in body:
        assert post(client, f"/admin/console/note/{kept['id']}/", text=body["text"]).status_code == status
    assert Note.objects.get().text == kept["text"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile | st.text(max_size=300))
def test_any_text_is_kept_as_text_or_refused(browser: Any, deniz: Operator, text: str) -> None:
    Note.objects.all().delete()
    client = browser(deniz)
    if not Conversation.objects.exists():
        conversation()
    answer = write(client, text)
    assert answer.status_code in (200, 400)
    for kept in Note.objects.values_list("text", flat=True):
        assert 0 < len(kept) <= TEXT_MAX
        assert not set(kept) & set("\x00\x07\u202e\u2066\ud800")
        page = client.get("/admin/queueing/conversation/c1/change/").content.decode()
        assert "<script>alert" not in page


def test_a_conversation_has_a_bounded_number(browser: Any, deniz: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "NOTES_MOST", 1)
    conversation()
    assert write(browser(deniz), "bir").status_code == 200
    assert write(browser(deniz), "iki").status_code == 400


# -- the admin --------------------------------------------------------------------------------------------------------

LIST = "/admin/desk/note/"


def test_the_admin_lists_searches_and_edits_by_right(browser: Any, deniz: Operator, efe: Operator) -> None:
    conversation(name="Işıl <i>")
    write(browser(deniz), "İade istedi <script>alert(1)</script>")
    note = Note.objects.get()
    for query in ("IADE", "ışıl", ""):
        listed = browser(efe).get(LIST, {"q": query})
        assert "İade istedi &lt;script&gt;" in listed.content.decode()
    assert "İade" not in browser(efe).get(LIST, {"q": "başka"}).content.decode()
    page = f"{LIST}{note.pk}/change/"
    assert browser(efe).post(page, {"text": "ele geçirildi"}).status_code == 403
    assert browser(efe).post(f"{LIST}{note.pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser(deniz).post(page, {"text": "İade etti"}).status_code == 302
    assert browser(deniz).post(page, {"text": "x" * (TEXT_MAX + 1)}).status_code == 200
    efe.user_permissions.add(*Permission.objects.filter(codename__in=("change_note", "delete_note")))
    efe = Operator.objects.get(pk=efe.pk)
    assert browser(efe).post(page, {"text": "Parası geri verildi"}).status_code == 302
    note.refresh_from_db()
    assert (note.text, note.author) == ("Parası geri verildi", deniz)
    assert note.edited_at is not None
    assert browser(efe).post(f"{LIST}{note.pk}/delete/", {"post": "yes"}).status_code == 302


def test_they_stand_on_the_page_and_outlive_their_author(browser: Any, deniz: Operator, efe: Operator) -> None:
    conversation("c1", attributes=ADA)
    conversation("c2", by="efe", attributes=ADA)
    write(browser(deniz), "Yüksek sesle", "person")
    deniz.delete()
    page = browser(efe).get("/admin/queueing/conversation/c2/change/").content.decode()
    assert "Yüksek sesle" in page
    assert ">deniz<" in page


# -- nobody else reads them --------------------------------------------------------------------------------------------

SECRET = "müşteriye-söylenmez"


@pytest.mark.django_db(transaction=True)
def test_no_customer_ever_gets_one(browser: Any, deniz: Operator, redis_server: str) -> None:
    settle()
    lease()
    gone = ended("merhaba")
    journal.record()
    cid = gone.cid
    Conversation.objects.filter(pk=cid).update(admin_id="deniz", claimed_at=timezone.now())
    assert write(browser(deniz), SECRET, pk=cid).status_code == 200
    # No frame, no page, no transcript, no letter; nor anything in Redis, where all of these come from.
    assert SECRET not in json.dumps(contents(), default=str, ensure_ascii=False)
    token = token_of(gone)
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/chat/", "/chat/transcript.txt", "/chat/rating/", "/"):
        answer = Client().get(path, headers=headers)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode()
    assert SECRET not in said.as_text(said.of_token(token))
    # What operators download as text may be handed on; the JSON is theirs, and says whose words these are.
    row = Conversation.objects.get(pk=cid)
    assert SECRET not in export.transcript(row)
    whole = browser(deniz).get(f"/admin/queueing/conversation/{cid}/export.json").json()
    assert [note["text"] for note in whole["notes_of_operators"]] == [SECRET]


@pytest.mark.django_db(transaction=True)
def test_a_persons_data_has_them_and_erasure_takes_them(browser: Any, deniz: Operator, redis_server: str) -> None:
    settle()
    lease()
    conversation("c1", attributes=ADA)
    conversation("c2")
    client = browser(deniz)
    write(client, "Ada hakkında", "person")
    write(client, "başkası", pk="c2")
    found = personal_data.export("ada-1", None, by="test")
    assert [(row["text"], row["about"], row["author"]) for row in found["notes_of_operators"]] == [
        ("Ada hakkında", "person", "Deniz")
    ]
    assert "notes" not in found["conversations"][0]
    personal_data.erase("ada-1", None, by="test")
    assert list(Note.objects.values_list("text", flat=True)) == ["başkası"]
    late = write(client, "sonradan")
    assert (late.status_code, late.json()["error"]["code"]) == (410, "erased")
    # What came in between goes with whoever is erased next, and with the retention.
    assert retention.anonymise(["c2"]) == 1
    assert not Note.objects.exists()


def test_nothing_is_written_down_while_a_person_is_erased(deniz: Operator) -> None:
    """Who writes had looked a moment before."""
    conversation("c1")
    seen = Conversation.objects.get(pk="c1")
    retention.anonymise(["c1"])
    with pytest.raises(DomainError, match="erased"):
        keeping.write(seen, "sonradan", About.CONVERSATION, by=deniz, key="k" * 10)
    assert not Note.objects.exists()


def test_files_tell_how_many_there_are(browser: Any, deniz: Operator) -> None:
    conversation("c1")
    conversation("c2")
    for text in ("bir", "iki"):
        write(browser(deniz), text)
    rows = counted(Conversation.objects.order_by("pk"))
    assert [count_of(row) for row in rows] == [2, 0]


@pytest.mark.django_db(transaction=True)
def test_reports_count_them_and_never_say_them(browser: Any, deniz: Operator) -> None:
    client = browser(deniz)
    assert client.get("/admin/reports/", {"days": "7"}).context["operators"] == []
    conversation("c1")
    conversation("c2")
    for text in ("=bir", "iki"):
        write(client, text)
    page = client.get("/admin/reports/", {"days": "7"})
    assert [row["more"] for row in page.context["operators"]] == [["2"]]
    assert "=bir" not in page.content.decode()
    assert reported(client, "daily.csv")[-1]["notes"] == "2"
    assert {row["conversation"]: row["notes"] for row in reported(client, "conversations.csv")} == {
        "c1": "2",
        "c2": "0",
    }
