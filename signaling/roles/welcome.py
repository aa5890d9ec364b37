"""The answer to `hello`: what the server is, and then exactly what was missed or the whole state."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from infra.clock import now_ms
from queueing.file_kinds import accepted
from queueing.services import Attached
from signaling.connection.connection import Connection
from signaling.hub import heartbeat
from signaling.hub.hub import Hub
from signaling.ice.servers import ice_policy, ice_servers
from signaling.wire.envelope import Envelope, kind_of
from signaling.wire.outbound import Features, FileLimits

MB = 1024 * 1024

NOTHING: dict[str, Any] = {
    "phase": "idle",
    "conversation": None,
    "position": None,
    "waiting": None,
    "estimate": None,
    "peer": None,
    "polite": None,
    "media": None,
    "gen": 0,
    "since": None,
    "reason": None,
    "invitation": None,
    "callback": None,
    "transcript": [],
}
"""What `resync.state` says where the store has nothing to say."""


def features(*, closed: bool) -> Features:
    """`closed`: no new customers are taken, since the service is being maintained."""
    return {
        "queue": settings.ENABLE_QUEUE and not closed,
        "turn": bool(settings.TURN_SERVERS),
        "chat": True,
        "video": settings.ENABLE_VIDEO,
        "calls": settings.CALLS_FROM_CHAT,
        "files": file_limits(),
        "transfer": settings.TRANSFER_HOLD_SECS > 0,
    }


def file_limits() -> FileLimits | None:
    """What a page may offer to attach; None where files are switched off."""
    most: int = settings.FILE_MAX_MB
    return {"max_bytes": most * MB, "accept": accepted()} if most else None


def welcome(hub: Hub, attached: Attached | None = None, *, authenticated: bool | None = None) -> dict[str, Any]:
    """The frame; without `attached` there is no mailbox yet and `epoch` is null."""
    frame: dict[str, Any] = {
        "type": "welcome",
        "server_time": now_ms(),
        "heartbeat_s": heartbeat.HEARTBEAT_SECS,
        "features": features(closed=hub.broadcast.maintenance),
        "ice_policy": ice_policy(),
        "resumed": attached is not None and attached.resumed,
        "epoch": attached.epoch if attached is not None else None,
        "last_id": attached.last_id if attached is not None else 0,
        "gen": attached.gen if attached is not None else 0,
        "missed": len(attached.frames) if attached is not None else 0,
    }
    if authenticated is not None:
        frame["authenticated"] = authenticated
    return frame


def follow(connection: Connection, attached: Attached) -> None:
    """Takes up the numbering of the mailbox that was attached."""
    connection.cursor.follow(attached.epoch, attached.seq - len(attached.frames))


def replay(hub: Hub, connection: Connection, attached: Attached) -> None:
    """What was missed, or `resync`; then what arrived while the attach was on its way."""
    if attached.state is not None:
        state = {
            **NOTHING,
            **attached.state,
            "gen": attached.gen,
            "ice_servers": ice_servers(connection.party or "", hub.failing_regions),
            "ice_policy": ice_policy(),
        }
        connection.send(
            {
                "type": "resync",
                "state": state,
                "epoch": attached.epoch,
                "seq": connection.cursor.sent,
                "last_id": attached.last_id,
                "gen": attached.gen,
            }
        )
    epoch = connection.cursor.epoch
    for seq, conversation, frame in attached.frames:
        connection.deliver(Envelope(seq, epoch, conversation, kind_of(frame), frame))
    hub.catch_up(connection)
