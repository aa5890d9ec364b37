"""The outbox: what must reach an operator, one row per notification and recipient; and the cards about customers.

A row is the whole truth about one delivery: how often it was tried, when it is due next and who holds it. A killed
worker or a wiped broker loses nothing, because nothing about a delivery lives anywhere else. A card is what all
messages about one customer are to show; messages that show something older are edited.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.writing.catalogues import CODE_MAX
from infra.writing.folding import FoldedField


class State(models.TextChoices):
    PENDING = "pending", _("pending")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    RETRYING = "retrying", _("retrying")
    FAILED = "failed", _("failed")
    BLOCKED = "blocked", _("bot blocked")
    REFUSED = "refused", _("address refused")
    LOGGED = "logged", _("written to the log")


class Kind(models.TextChoices):
    CUSTOMER_JOINED = "customer_joined", _("customer joined")
    OTP = "otp", _("one-time code")
    TEST = "test", _("test message")
    ACCOUNT_CHANGED = "account_changed", _("account changed")
    CARD_EDIT = "card_edit", _("card updated")
    TRANSCRIPT = "transcript", _("transcript")
    UNANSWERED = "unanswered", _("call not answered")
    MESSAGE_LEFT = "message_left", _("message left")
    REPLY = "reply", _("reply to a message")
    CALLBACK = "callback", _("callback")
    CALLBACK_KEPT = "callback_kept", _("callback confirmed")
    APPOINTMENT = "appointment", _("appointment")
    APPOINTMENT_SOON = "appointment_soon", _("appointment soon")


class Channel(models.TextChoices):
    TELEGRAM = "telegram", _("Telegram")
    FALLBACK = "fallback", _("fallback")
    EMAIL = "email", _("e-mail")
    PUSH = "push", _("push")
    CHAT = "chat", _("customer's Telegram")
    LOG = "log", _("log")


class Tier(models.TextChoices):
    """Who is told, from the first to the last resort."""

    OPERATOR = "operator", _("operators")
    BACKUP = "backup", _("backup operators")
    GROUP = "group", _("group chat")
    FALLBACK = "fallback", _("fallback")


class Standing(models.TextChoices):
    """How it stands with a customer, in the order in which it can only move forward."""

    WAITING = "waiting", _("waiting")
    OVERDUE = "overdue", _("waiting, nobody has come")
    CLAIMED = "claimed", _("taken")
    LEFT = "left", _("left the queue")
    LOST = "lost", _("did not come back")
    REMOVED = "removed", _("taken out of the queue")
    EXPIRED = "expired", _("waited too long")
    ENDED = "ended", _("conversation over")


WAITING_STATES = (State.PENDING, State.RETRYING)
OPEN_STATES = (State.PENDING, State.RETRYING, State.SENDING)
UNCLAIMED = (Standing.WAITING, Standing.OVERDUE)
CARDED = (Kind.CUSTOMER_JOINED, Kind.MESSAGE_LEFT)
"""Kinds of which there is a card."""


class Card(models.Model):
    """One customer, or one message that a customer left (`kind`), as all messages about it are to show it. `version`
    rises with every change of what they show.

    `stale`: the sweep has something to look after (a message under way, one to edit, a step of the escalation to take).
    `redraw`: whom it is about was erased; what chats show of it is edited when nothing more urgent is under way.
    """

    notification = models.CharField(_("notification"), max_length=200, unique=True)
    kind = models.CharField(
        _("kind"),
        max_length=32,
        choices=[(kind.value, kind.label) for kind in CARDED],
        default=Kind.CUSTOMER_JOINED,
        db_default=Kind.CUSTOMER_JOINED.value,
    )
    conversation = models.CharField(_("conversation"), max_length=64, blank=True, db_index=True)
    context = models.JSONField(_("context"), default=dict)
    standing = models.CharField(_("standing"), max_length=16, choices=Standing.choices, default=Standing.WAITING)
    by = models.CharField(_("taken by"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    tier = models.CharField(_("step"), max_length=16, choices=Tier.choices, default=Tier.OPERATOR)
    escalate_at = models.DateTimeField(_("next step at"), null=True, blank=True)
    stale = models.BooleanField(default=True, editable=False)
    redraw = models.BooleanField(default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    folded = FoldedField("by")

    class Meta:
        verbose_name = _("customer card")
        verbose_name_plural = _("customer cards")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="card_stale", condition=models.Q(stale=True)),
            models.Index(fields=["escalate_at"], name="card_escalate"),
            models.Index(fields=["id"], name="card_redraw", condition=models.Q(redraw=True)),
        ]

    def __str__(self) -> str:
        return str(self.context.get("name", "")) or self.notification


class OutboxMessage(models.Model):
    """One message to one recipient, or the edit of one. `context` holds what the text is made of and never a secret.

    `version` is that of the card which the message showed when it was last sent or edited. For channel `fallback` the
    chat id is the name of the service (`fallback.name_of`), never its URL. For channel `email` the address stands in
    the context until the delivery has ended. For channel `push` the chat id names the subscription, of a customer's
    browser the conversation, and never its endpoint; for channel `chat` the conversation, and never the chat.
    """

    notification = models.CharField(_("notification"), max_length=200, db_index=True)
    dedupe_key = models.CharField(max_length=280, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    tier = models.CharField(_("step"), max_length=16, choices=Tier.choices, blank=True)
    card = models.ForeignKey(
        Card, verbose_name=_("customer card"), null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    edits = models.OneToOneField(
        "self", verbose_name=_("edits"), null=True, blank=True, on_delete=models.CASCADE, related_name="edit"
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    admin_id = models.CharField(_("operator"), max_length=64, blank=True)
    chat_id = models.CharField(_("chat id"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=CODE_MAX)
    conversation = models.CharField(_("conversation"), max_length=64, blank=True, db_index=True)
    context = models.JSONField(_("context"), default=dict)

    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    telegram_message_id = models.BigIntegerField(_("Telegram message id"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_at"], name="outbox_due"),
            models.Index(fields=["state", "claimed_until"], name="outbox_lease"),
            models.Index(fields=["created_at"], name="outbox_created"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class PushSubscription(models.Model):
    """A browser that an operator wants to be told by, also while no page of ours is open there (RFC 8030).

    `endpoint` is a secret of that browser's: whoever has it can send to it. `public_key` and `secret` are what the
    payload is encrypted for (RFC 8291), base64url. `digest` is that of the endpoint. `session`: hash of the key of the
    session in which the browser last said so; it goes with it when somebody signs out, not when it runs out.
    """

    admin_id = models.CharField(_("operator"), max_length=64, db_index=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    endpoint = models.CharField(max_length=1024, editable=False)
    public_key = models.CharField(max_length=88, editable=False)
    secret = models.CharField(max_length=24, editable=False)
    language = models.CharField(_("language"), max_length=CODE_MAX)
    browser = models.CharField(_("browser"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    told_at = models.DateTimeField(_("last told"), null=True, blank=True)
    session = models.CharField(max_length=64, blank=True, default="", db_default="", db_index=True, editable=False)

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.admin_id}: {self.browser}"


class DeliveryCounter(models.Model):
    """How many deliveries ended in each way, ever. Changed in the transaction that ends the delivery, so that it
    is exact and never falls, whatever is re-sent or deleted later."""

    outcome = models.CharField(max_length=16, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("delivery counter")
        verbose_name_plural = _("delivery counters")

    def __str__(self) -> str:
        return f"{self.outcome}: {self.count}"


class MovedChat(models.Model):
    """A group that became a supergroup; Telegram told its new id."""

    old_id = models.CharField(max_length=64, unique=True)
    new_id = models.CharField(max_length=64)
    moved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"
