"""One session layer: the row is the root, Redis caches it, revoking ends both and closes sockets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import session_store, sessions
from accounts.clients import NOBODY
from accounts.clients import Client as Party
from accounts.flows.issue_otp import issue_otp
from accounts.flows.revoke_session import revoke_all, revoke_sessions
from accounts.flows.use_token import use_token
from accounts.models import AuditEvent, OperatorSession
from accounts.session_store import SessionStore, hash_key
from tests.accounts.conftest import post, verify, wipe_redis

# Commits must be commits: what happens after them is what is tested.
pytestmark = pytest.mark.django_db(transaction=True)

COOKIE = django_settings.SESSION_COOKIE_NAME


def key_of(browser: Client) -> str:
    return browser.cookies[COOKIE].value


def make_old(key: str, **age: int) -> None:
    """Lets time pass for that session."""
    OperatorSession.objects.filter(pk=hash_key(key)).update(last_seen=timezone.now() - timedelta(**age))
    session_store.drop(hash_key(key))


def test_the_table_knows_hashes_only(ayse, sign_in):
    key = key_of(sign_in(ayse, REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "Firefox"}))
    row = OperatorSession.objects.get()
    assert row.key_hash == hash_key(key)
    assert key not in str(OperatorSession.objects.values())
    assert (row.operator, row.address, row.user_agent) == (ayse, "203.0.113.9", "Firefox")
    assert key not in str([str(row), repr(row)])


def test_a_wiped_redis_logs_nobody_out(ayse, sign_in):
    browser = sign_in(ayse)
    assert browser.get("/admin/session").status_code == 200
    wipe_redis()
    assert browser.get("/admin/session").status_code == 200


def test_a_wiped_redis_revives_no_revoked_session(ayse, sign_in, pushed):
    browser = sign_in(ayse)
    revoke_all("ayse", by="command", client=NOBODY)
    wipe_redis()
    assert browser.get("/admin/session").status_code == 401
    assert sessions.identify_now(key_of(browser)) is None


def test_revoking_one_leaves_the_others(ayse, mehmet, sign_in, pushed):
    first, second, other = sign_in(ayse), sign_in(ayse), sign_in(mehmet)
    key_hash = hash_key(key_of(first))
    assert revoke_sessions([key_hash], by="ayse", client=NOBODY) == 1
    assert pushed == [{"kind": "session.revoked", "keys": [key_hash]}]
    assert [browser.get("/admin/session").status_code for browser in (first, second, other)] == [401, 200, 200]
    event = AuditEvent.objects.get(kind="session_revoked")
    assert (event.actor, event.session, event.detail) == ("ayse", key_hash[:12], {"by": "ayse"})


def test_revoking_what_is_gone_says_nothing(ayse, sign_in, pushed):
    key_hash = hash_key(key_of(sign_in(ayse)))
    assert revoke_sessions([key_hash, "0" * 64], by="ayse", client=NOBODY) == 1
    assert revoke_sessions([key_hash], by="ayse", client=NOBODY) == 0
    assert len(pushed) == 1


def test_a_request_under_way_cannot_bring_a_revoked_session_back(ayse, sign_in, pushed):
    key = key_of(sign_in(ayse))
    reading = session_store.read(hash_key(key))
    late = SessionStore(key)
    late["x"] = 1
    revoke_all("ayse", by="command", client=NOBODY)
    # What the slow reader does last: it caches what it read before.
    session_store._fill(hash_key(key), reading)
    assert session_store.read(hash_key(key)) is None
    with pytest.raises(UpdateError):
        late.save()
    assert not OperatorSession.objects.exists()


def test_reading_touches_the_database_once_while_cached(ayse, sign_in, queries):
    key = key_of(sign_in(ayse))
    sessions.identify_now(key)
    del queries[:]
    for _ in range(5):
        assert sessions.identify_now(key) is not None
    assert queries == []


def test_a_session_slides_at_most_once_a_minute(ayse, sign_in):
    browser = sign_in(ayse)
    key = key_of(browser)
    before = OperatorSession.objects.get().expire_date
    sessions.slide_now(key)
    assert COOKIE not in browser.get("/admin/").cookies
    assert OperatorSession.objects.get().expire_date == before
    make_old(key, seconds=61)
    response = browser.get("/admin/")
    assert response.cookies[COOKIE].value == key
    assert OperatorSession.objects.get().expire_date > before
    make_old(key, seconds=61)
    before = OperatorSession.objects.get().expire_date
    info = sessions.slide_now(key)
    assert info is not None
    assert OperatorSession.objects.get().expire_date > before
    assert info.expires_at_ms == int(OperatorSession.objects.get().expire_date.timestamp() * 1000)


def test_a_socket_that_slides_does_not_keep_the_cookie_from_being_renewed(ayse, sign_in, monkeypatch):
    browser = sign_in(ayse)
    later = session_store.now_ms() + 2 * 3_600_000
    monkeypatch.setattr(session_store, "now_ms", lambda: later)
    assert COOKIE in browser.get("/admin/").cookies
    assert COOKIE not in browser.get("/admin/").cookies


def test_an_expired_session_is_none(ayse, sign_in):
    browser = sign_in(ayse)
    OperatorSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    wipe_redis()
    assert browser.get("/admin/session").status_code == 401
    assert sessions.list_sessions() == []
    SessionStore.clear_expired()
    assert not OperatorSession.objects.exists()


def test_an_expired_session_in_the_cache_is_none(ayse, sign_in, settings):
    settings.SESSION_TTL_MS = 1000
    key = key_of(sign_in(ayse))
    assert sessions.identify_now(key) is not None
    ends = OperatorSession.objects.get().expire_date
    while timezone.now() <= ends:
        pass
    assert sessions.identify_now(key) is None


def test_a_session_ends_after_its_longest_life_however_it_is_used(ayse, sign_in, settings):
    settings.SESSION_MAX_SECS = 3600
    browser = sign_in(ayse)
    key = key_of(browser)
    OperatorSession.objects.filter(pk=hash_key(key)).update(created=timezone.now() - timedelta(seconds=3500))
    session_store.drop(hash_key(key))
    info = sessions.slide_now(key)
    assert info is not None
    assert info.expires_at_ms <= (timezone.now() + timedelta(seconds=101)).timestamp() * 1000
    assert browser.get("/admin/session").status_code == 200
    OperatorSession.objects.filter(pk=hash_key(key)).update(created=timezone.now() - timedelta(seconds=3601))
    session_store.drop(hash_key(key))
    assert browser.get("/admin/session").status_code == 401
    assert sessions.slide_now(key) is None


def test_a_session_cannot_be_fixed_for_somebody_else(ayse):
    browser = Client()
    browser.cookies[COOKIE] = "a" * 32
    response = verify(browser, "ayse", issue_otp(ayse))
    assert response.json()["token"] != "a" * 32
    assert sessions.identify_now("a" * 32) is None


def test_signing_in_again_ends_the_session_before(ayse, sign_in):
    browser = sign_in(ayse)
    old = key_of(browser)
    assert verify(browser, "ayse", issue_otp(ayse)).status_code == 200
    assert key_of(browser) != old
    assert sessions.identify_now(old) is None


def test_an_operator_who_is_deactivated_has_no_session(ayse, sign_in):
    key = key_of(sign_in(ayse))
    ayse.is_active = False
    ayse.save()
    cache.clear()
    assert sessions.identify_now(key) is None


@pytest.mark.parametrize("key", ["", "x", "ü" * 32, "a" * 1000, "../../etc", "a" * 32])
def test_keys_that_were_never_given_out_are_nobody(db, key):
    assert sessions.identify_now(key) is None


def test_a_damaged_cache_entry_falls_back_to_the_row(ayse, sign_in):
    key = key_of(sign_in(ayse))
    cache.set(session_store._entry(hash_key(key)), {"not": "a record"})
    assert sessions.identify_now(key) is not None


async def test_a_socket_reads_who_its_session_belongs_to(ayse, sign_in):
    from asgiref.sync import sync_to_async

    key = key_of(await sync_to_async(sign_in)(ayse))
    info = await sessions.identify(key)
    assert info is not None
    assert (info.admin_id, info.name, info.language) == ("ayse", "Ayşe", "tr")
    assert await sessions.slide(key) == info


async def test_using_a_token_is_written_down(ayse, sign_in):
    from asgiref.sync import sync_to_async

    key = key_of(await sync_to_async(sign_in)(ayse))
    party = Party("203.0.113.9", "Firefox", "r1")
    assert await use_token("wrong", party) is None
    info = await use_token(key, party)
    assert info is not None
    event = await AuditEvent.objects.aget(kind="token_used")
    assert (event.actor, event.address, event.request_id) == ("ayse", "203.0.113.9", "r1")


class TestRevokeEndpoint:
    def csrf(self, browser: Client) -> dict[str, str]:
        browser.get("/admin/")
        return {"X-CSRFToken": browser.cookies["csrftoken"].value}

    def test_needs_a_session_and_a_token(self, ayse, sign_in):
        assert post(Client(), "/admin/session/revoke", {}).status_code == 401
        browser = sign_in(ayse, enforce_csrf_checks=True)
        assert post(browser, "/admin/session/revoke", {}).status_code == 403
        assert sessions.list_sessions("ayse")
        assert post(browser, "/admin/session/revoke", {}, **self.csrf(browser)).json() == {"revoked": 1}

    def test_ends_this_session(self, ayse, sign_in, pushed):
        browser, other = sign_in(ayse), sign_in(ayse)
        key = key_of(browser)
        response = post(browser, "/admin/session/revoke", {})
        assert response.json() == {"revoked": 1}
        assert response.cookies[COOKIE].value == ""
        assert pushed == [{"kind": "session.revoked", "keys": [hash_key(key)]}]
        assert sessions.identify_now(key) is None
        assert other.get("/admin/session").status_code == 200

    def test_ends_all_of_this_operator_and_nobody_elses(self, ayse, mehmet, sign_in, pushed):
        browser, second, other = sign_in(ayse), sign_in(ayse), sign_in(mehmet)
        keys = {hash_key(key_of(browser)), hash_key(key_of(second))}
        assert post(browser, "/admin/session/revoke", {"all": True}).json() == {"revoked": 2}
        assert set(pushed[0]["keys"]) == keys
        assert [b.get("/admin/session").status_code for b in (browser, second, other)] == [401, 401, 200]

    def test_ends_another_one_of_ones_own_only(self, ayse, mehmet, sign_in, pushed):
        browser, second, other = sign_in(ayse), sign_in(ayse), sign_in(mehmet)
        foreign, own = hash_key(key_of(other)), hash_key(key_of(second))
        assert post(browser, "/admin/session/revoke", {"session": foreign}).json() == {"revoked": 0}
        assert post(browser, "/admin/session/revoke", {"session": own}).json() == {"revoked": 1}
        assert [b.get("/admin/session").status_code for b in (browser, second, other)] == [200, 401, 200]

    @pytest.mark.parametrize("body", [{"all": "yes"}, {"session": "x"}, {"other": 1}, []])
    def test_checks_its_body(self, ayse, sign_in, body):
        assert post(sign_in(ayse), "/admin/session/revoke", body).status_code == 400
