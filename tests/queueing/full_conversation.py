"""A conversation with everything in it, written straight into the database: for the admin's page and its pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import sin
from typing import Any

from queueing.history.models import CallSample, ChatMessage, Conversation, ConversationEvent
from queueing.history.recording.call_stats import summarise

START = datetime(2026, 3, 2, 9, 14, 8, tzinfo=UTC)
CLAIM = 192
END = CLAIM + 640

EVENTS: list[tuple[float, str, dict[str, Any]]] = [
    (0, "joined", {"position": 3, "waiting": 3, "promised": {"low_s": 60, "high_s": 150}, "ticket": "1"}),
    (41, "party:away", {"from": "customer", "grace_s": 180}),
    (58, "party:back", {"from": "customer", "how": "reload", "away": True, "moved": False, "missed": 0}),
    (CLAIM, "claimed", {"operator": "deniz", "waited_ms": 192_000, "skipped": ["x"]}),
    (192.2, "call:state", {"from": "operator", "state": "connecting"}),
    (192.3, "call:state", {"from": "customer", "state": "connecting"}),
    (193.1, "call:state", {"from": "customer", "state": "connected", "setup_ms": 1100}),
    (193.2, "call:state", {"from": "operator", "state": "connected"}),
    (195, "call:region", {"from": "customer", "region": "eu-central"}),
    (195.4, "call:region", {"from": "operator", "region": "eu-central"}),
    (210, "call:invite", {"media": "audio", "from": "customer"}),
    (212, "call:decline", {"media": "audio", "from": "operator", "own": False}),
    (214, "call:invite", {"media": "video", "from": "operator"}),
    (216, "call:decline", {"media": "video", "from": "operator", "own": True}),
    (218, "call:accept", {"media": "video", "from": "customer"}),
    (330, "call:rung", {"from": "customer", "rung": 2, "before": 0, "reason": "loss"}),
    (346, "call:rung", {"from": "customer", "rung": 4, "before": 2, "reason": "bandwidth"}),
    (352, "call:control", {"action": "ice-restart", "id": 4}),
    (361, "call:state", {"from": "customer", "state": "reconnecting", "step": "resignal", "reason": "silence"}),
    (361.6, "party:away", {"from": "customer", "grace_s": 45}),
    (362, "call:state", {"from": "operator", "state": "reconnecting", "step": "restart", "reason": "silence"}),
    (363.1, "party:back", {"from": "customer", "how": "replay", "away": True, "moved": True, "missed": 3}),
    (363.4, "call:state", {"from": "customer", "state": "reconnecting", "step": "restart", "reason": "silence"}),
    (367.5, "call:state", {"from": "customer", "state": "reconnecting", "step": "restart-relay", "attempt": 2}),
    (376, "call:state", {"from": "customer", "state": "failed", "step": "hold", "reason": "silence", "attempt": 3}),
    (381, "call:region", {"from": "customer", "region": "eu-west", "before": "eu-central"}),
    (381.2, "call:state", {"from": "customer", "state": "connected", "lost_ms": 20200, "attempts": 4}),
    (381.4, "call:state", {"from": "operator", "state": "connected", "lost_ms": 19400, "attempts": 1}),
    (399, "call:rung", {"from": "customer", "rung": 3, "before": 4, "reason": "recovered"}),
    (420, "call:rung", {"from": "customer", "rung": 1, "before": 3, "reason": "recovered"}),
    (470, "call:rung", {"from": "customer", "rung": 0, "before": 1, "reason": "recovered"}),
    (600, "call:sampling", {"from": "customer", "every_s": 20}),
    (640, "made:up", {"from": "customer"}),
    (END, "ended", {"reason": "hangup", "by": "operator", "duration_ms": 640_000}),
]
CHAT = [
    (40, "customer", "Merhaba, siparişim üç gündür “hazırlanıyor” görünüyor."),
    (200, "operator", "Merhaba Ayşe Hanım, hemen bakıyorum."),
    (206, "operator", "Sipariş numaranızı buraya yazar mısınız?"),
    (221, "customer", "TR-2026-104882"),
    (350, "operator", "Görüntü donuyor, sesle devam edelim."),
    (384, "customer", "Tekrar bağlandım sanırım\nsesiniz geliyor"),
    (790, "operator", "Kargo yarın teslim edecek: https://kargo.example/takip/104882 İyi günler!"),
]


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def _samples(cid: str) -> list[CallSample]:
    found = []
    for number, second in enumerate(range(CLAIM + 5, END, 5)):
        if 361 < second < 381:
            continue
        trouble = max(0.0, 1 - abs(second - 352) / 40)
        for side, shift in (("customer", 0.0), ("operator", 1.3)):
            worse = trouble * (1.0 if side == "customer" else 0.6)
            wave = sin(number / 4 + shift)
            found.append(
                CallSample(
                    conversation_id=cid,
                    entry_id=f"{cid}-s{second}{side}",
                    side=side,
                    at=at(second),
                    rtt_ms=round(58 + 9 * wave + 420 * worse, 1),
                    jitter_ms=round(6 + 2 * wave + 60 * worse, 1),
                    loss_pct=round(max(0.0, 0.3 * wave) + 14 * worse, 2),
                    bitrate_kbps=round(max(24, 1350 + 120 * wave - 1400 * worse), 1),
                    quality=round(max(1.4, 4.4 - 0.05 * wave - 2.8 * worse), 2),
                    rung=0,
                    region="eu-central",
                    candidate_type="relay",
                    codec="opus/VP9",
                )
            )
    return found


def a_full_conversation(cid: str = "Ab3dEfGh1jKlMn0p", **fields: Any) -> Conversation:
    """Ayşe waited longer than promised, lost the connection for twenty seconds, and was helped by Deniz."""
    conversation = Conversation.objects.create(
        id=cid,
        name="Ayşe Yılmaz",
        topic="Sipariş durumu",
        locale="tr",
        media="video",
        attributes={"plan": "pro", "basket": 1249.9, "identity": {"sub": "cust-881", "email": "ayse@example.com"}},
        status="ended",
        joined_at=at(0),
        claimed_at=at(CLAIM),
        ended_at=at(END),
        reason="hangup",
        ended_by="operator",
        admin_id="deniz",
        promised_low_s=60,
        promised_high_s=150,
        **fields,
    )
    ConversationEvent.objects.bulk_create(
        ConversationEvent(conversation=conversation, entry_id=f"{cid}-e{number}", kind=kind, at=at(second), data=data)
        for number, (second, kind, data) in enumerate(EVENTS)
    )
    ChatMessage.objects.bulk_create(
        ChatMessage(conversation=conversation, entry_id=f"{cid}-c{n}", sender=who, text=text, sent_at=at(second))
        for n, (second, who, text) in enumerate(CHAT)
    )
    CallSample.objects.bulk_create(_samples(cid))
    summarise(conversation)
    conversation.save()
    return conversation
