"""Every dead end there is: what customers read there, and that there is a way on from each, but for who is blocked.

The page is the installation's own; what its socket hears is said by the test, as most ends are hard to come to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

Frame = dict[str, Any]
WELCOME: Frame = {
    "type": "welcome", "server_time": 0, "heartbeat_s": 20, "features": {}, "resumed": False, "epoch": None,
    "last_id": 0, "gen": 0, "missed": 0,
}  # fmt: skip
JOINED: Frame = {
    "type": "queue:joined", "conversation": "c0nversat10n", "token": "secret", "epoch": 9, "position": 1, "waiting": 1,
    "estimate": None, "staffed": True,
}  # fmt: skip
READY: Frame = {
    "type": "queue:ready", "conversation": "c0nversat10n", "seq": 1, "peer": {"name": "Elif"}, "polite": True,
    "ice_servers": [], "media": "chat", "token": "renewed", "epoch": 9, "gen": 1, "since": 0,
}  # fmt: skip
OUT = 4503


def refused(code: str) -> list[Frame]:
    return [{"type": "queue:refused", "code": code, "message": "Çünkü öyle."}]


LOST: Frame = {"type": "call:ended", "seq": 2, "reason": "operator-lost", "by": "system"}
# What the server answers to a join (nothing: it closes the socket, the store is out), and the title in both languages.
ENDS: dict[str, tuple[list[Frame], tuple[str, str]]] = {
    "full": (refused("full"), ("Şu anda sıra dolu", "The queue is full right now")),
    "crowded": (refused("crowded"), ("Ağınızdan başkaları bekliyor", "Others from your network are waiting")),
    "maintenance": (refused("maintenance"), ("Kısa bir bakım yapıyoruz", "Short maintenance in progress")),
    "closed": ([{**refused("closed")[0], "opens_at": 90_000_000}], ("Şu anda kapalıyız", "We are closed right now")),
    "disabled": (refused("disabled"), ("Canlı destek şu anda kapalı", "Live support is switched off")),
    "nobody on shift": ([{**JOINED, "staffed": False}], ("Sıradasınız", "You are in the queue")),
    "waited too long": (
        [JOINED, {"type": "queue:left", "seq": 1, "reason": "max-wait"}],
        ("Bekleme süresi doldu", "The waiting time is over"),
    ),
    "operator lost": ([JOINED, READY, LOST], ("Temsilcinin bağlantısı koptu", "The agent's connection was lost")),
    "store out": ([], ("Bir uzmanla hemen konuşun", "Talk to an expert right away")),
    "blocked": (refused("blocked"), ("Bu görüşme açılamıyor", "This conversation cannot be opened")),
}


def meet(page: Page, url: str, answers: list[Frame]) -> None:
    """Joins, and hears this."""

    def serve(socket: WebSocketRoute) -> None:
        def heard(text: str | bytes) -> None:
            if json.loads(text)["type"] != "queue:join":
                return
            for frame in answers:
                socket.send(json.dumps(frame))
            if not answers:
                socket.close(code=OUT, reason="store")

        socket.on_message(heard)
        socket.send(json.dumps(WELCOME))

    page.route_web_socket("**/ws/customer/**", serve)
    page.goto(f"{url}?locale=tr")
    page.fill("#ad-name", "Ada")
    page.check("input[value=chat]", force=True)
    page.click("button[type=submit]")


def ways_on(page: Page, title: str, button: str, *, offered: bool) -> None:
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    found = page.get_by_role("button", name=button, exact=True)
    if not offered:
        expect(found).to_have_count(0)
        return
    expect(found).to_be_visible()
    found.scroll_into_view_if_needed()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_every_dead_end_has_a_way_on(installation: Installation, new_context: Callable[..., BrowserContext]) -> None:
    """In both languages, on a desk and on a phone. What the button opens is the same everywhere (test_messages.py)."""
    context = new_context()
    for end, (answers, titles) in ENDS.items():
        page = context.new_page()
        meet(page, installation.a.url, answers)
        offered = end != "blocked"
        ways_on(page, titles[0], "Mesaj bırakın", offered=offered)
        page.set_viewport_size({"width": 390, "height": 844})
        ways_on(page, titles[0], "Mesaj bırakın", offered=offered)
        page.get_by_role("button", name="English").click()
        ways_on(page, titles[1], "Leave a message", offered=offered)
        page.set_viewport_size({"width": 1280, "height": 800})
        ways_on(page, titles[1], "Leave a message", offered=offered)
        page.close()
