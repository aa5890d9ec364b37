"""The customer's socket: a place in the line, then one conversation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from infra import trace
from infra.errors import DomainError
from queueing import services
from queueing.services import Attached, JoinRequest, QueueRefused
from signaling import metrics
from signaling.connection.connection import Letter
from signaling.connection.receive_loop import Event
from signaling.roles.ratelimit import allow_ask, allow_join
from signaling.roles.shared import QUICK, SHARED, PeerConsumer
from signaling.roles.welcome import follow, replay, welcome
from signaling.wire import inbound

TOKEN_ERRORS = ("token_invalid", "token_expired")


class CustomerConsumer(PeerConsumer):
    """One party per conversation: `party` is `c:<conversation>` from the join or the resume on."""

    __slots__ = ("join_key", "live", "mobile")

    role = "customer"
    own_origin_only = False

    def __init__(self) -> None:
        super().__init__()
        self.join_key: str | None = None
        self.live = False  # the conversation waits or runs
        self.mobile = False

    async def opened(self, scope: Event) -> None:
        agent = dict(scope["headers"]).get(b"user-agent", b"")
        self.mobile = b"Mobi" in agent or b"Android" in agent

    async def on_hello(self, frame: inbound.Hello) -> None:
        if self.greeted:
            raise DomainError("already_greeted", _("This socket has said hello already."))
        self.introduced(frame)
        self.mobile = frame.get("mobile", self.mobile)
        resume: Any = frame.get("resume") or {}
        token = resume.get("token")
        if token is None:
            self.greeted = True
            self.send(welcome(self))
            return
        try:
            with self.hub.attaching():
                attached = await services.resume_customer(
                    self.hub.bus, self.conn, token, resume.get("epoch"), resume.get("last_seq"), self.address
                )
                self.greeted = True
                self._attach(attached)
        except DomainError as error:
            if error.code not in TOKEN_ERRORS:
                raise
            self.greeted = True
            self.fail(error, "hello")
            self.send(welcome(self))

    async def on_join(self, frame: inbound.QueueJoin) -> None:
        self.speak(frame.get("locale"))
        key = frame.get("join_key")
        if self.live and (key is None or key != self.join_key):
            raise DomainError("already_joined", _("You are already in the line or in a call."))
        await allow_join(self.hub.bus, self.address)
        try:
            with self.hub.attaching():
                joined = await services.join(self.hub.bus, self.conn, self._request(frame))
                self.join_key = key
                self._become(joined.conversation, joined.attached)
                self.send(
                    {
                        "type": "queue:joined",
                        "conversation": joined.conversation,
                        "token": joined.token,
                        "epoch": joined.epoch,
                        "position": joined.position,
                        "waiting": joined.waiting,
                        "estimate": joined.estimate,
                        "staffed": joined.staffed,
                    }
                )
                self._catch_up(joined.attached)
        except QueueRefused as refused:
            self.send({"type": "queue:refused", **_refusal(refused)})
            return
        self.board_seen = {
            "position": joined.position,
            "waiting": joined.waiting,
            "estimate": joined.estimate,
            "staffed": joined.staffed,
        }

    async def on_leave(self, frame: inbound.QueueLeave) -> None:
        identifier = frame.get("id")
        self.attached_party()
        assert self.conversation is not None
        self.meant(frame)
        reason = frame.get("reason") or "left"
        await services.leave(self.hub.bus, self.conn, self.conversation, reason, identifier)
        self._over()
        if identifier is not None:
            self.write(b'{"type":"ack","id":%d}' % identifier)

    async def on_call_end(self, frame: inbound.CallEnd) -> None:
        await super().on_call_end(frame)
        self._over()

    async def on_device_check(self, frame: inbound.DeviceCheck) -> None:
        payload = {name: value for name, value in frame.items() if name not in ("type", "ack")}
        party = self.attached_party()
        await allow_ask(self.hub.bus, party, "device:check")
        noted = await services.device_check(self.hub.bus, party, self.conn, self.conversation, payload)
        metrics.count_turn_faults(noted.faults)

    def meant(self, frame: Any) -> str | None:
        """A customer has one conversation; naming another is refused."""
        named = frame.get("conversation")
        if named is not None and named != self.conversation:
            raise DomainError("wrong_conversation", _("That is not your conversation."))
        return self.conversation

    def ready(self, letter: Letter, text: bytes) -> bytes:
        self.hub.notices.forget(self)
        return super().ready(letter, text)

    def ended(self, letter: Letter) -> None:
        self._over()

    def _over(self) -> None:
        """Another join is possible from now on, also before the frame that tells of the end has come."""
        self.live = False
        self.hub.notices.forget(self)

    # -- attaching -----------------------------------------------------------------------------------------------

    def _attach(self, attached: Attached) -> None:
        assert attached.conversation is not None
        self._become(attached.conversation, attached)
        self.send(welcome(self, attached))
        self._catch_up(attached)

    def _become(self, conversation: str, attached: Attached) -> None:
        self.hub.notices.forget(self)
        self.conversation = conversation
        trace.bind(conversation=conversation)
        self.live = attached.status != "ended"
        self.hub.attach(self, f"c:{conversation}")
        follow(self, attached)

    def _catch_up(self, attached: Attached) -> None:
        if attached.status == "waiting" and self.conversation is not None:
            self.hub.notices.waiting[self.conversation] = self
            # One read of the line tells all who came back where they stand.
            self.hub.notices.changed("line")
        replay(self, attached)

    def _request(self, frame: inbound.QueueJoin) -> JoinRequest:
        return JoinRequest(
            name=frame["name"],
            media=frame["media"],
            locale=frame.get("locale") or self.language or "",
            topic=frame.get("topic") or "",
            attributes=frame.get("attributes"),
            join_key=frame.get("join_key"),
            mobile=self.mobile,
            identity=frame.get("identity"),
            address=self.address,
            returning=frame.get("returning"),
        )


CustomerConsumer.quick = QUICK
CustomerConsumer.handlers = {
    **SHARED,
    "hello": CustomerConsumer.on_hello,
    "queue:join": CustomerConsumer.on_join,
    "queue:leave": CustomerConsumer.on_leave,
    "device:check": CustomerConsumer.on_device_check,
    "call:end": CustomerConsumer.on_call_end,
}


def _refusal(refused: QueueRefused) -> dict[str, Any]:
    body: dict[str, Any] = {"code": refused.code, "message": refused.message, "estimate": refused.estimate}
    if refused.retry_after is not None:
        body["retry_after"] = refused.retry_after
    return body
