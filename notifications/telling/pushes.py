"""Browsers beside chats: what an operator is told on Telegram is told to their subscribed browsers too. And browsers of
people whom this app does not know (`browsers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from notifications import browsers, policy
from notifications.browsers import Browser
from notifications.content import pushes as words
from notifications.models import Kind, OutboxMessage, PushSubscription
from notifications.telling import factory, subscriptions

KINDS = (Kind.CUSTOMER_JOINED, Kind.UNANSWERED, Kind.TEST)
KEPT = ("conversation", "trace")
"""Of the context: a push says nothing of the customer."""


def rows(kind: str, admin_ids: Iterable[str], context: dict[str, Any], notification: str) -> list[OutboxMessage]:
    """One for each browser of these operators, not saved yet; none for a kind that is not pushed."""
    if kind not in KINDS:
        return []
    brief = {name: context[name] for name in KEPT if name in context}
    return [factory.make_push(kind, browser, brief, notification) for browser in subscriptions.of(admin_ids)]


def addressed(message: OutboxMessage) -> tuple[Browser, bytes] | None:
    """Where it goes and what it says; None where there is nobody to tell any more."""
    keeper = browsers.keeper_of(message.kind)
    if keeper is None:
        subscription = _subscription_of(message)
        return None if subscription is None else (subscription, words.payload(message))
    push = keeper.find(message.context, message.language)
    return None if push is None else (push.browser, words.as_told(message, push.words))


def drop(message: OutboxMessage) -> None:
    """The browser wants none any more."""
    keeper = browsers.keeper_of(message.kind)
    if keeper is None:
        subscriptions.drop(_number_of(message))
    else:
        keeper.drop(message.context)


def sent(message: OutboxMessage) -> None:
    subscription = _subscription_of(message) if browsers.keeper_of(message.kind) is None else None
    if subscription is not None:
        subscriptions.told(subscription)


def given_up(message: OutboxMessage) -> None:
    """In the transaction that ends the delivery."""
    keeper = browsers.keeper_of(message.kind)
    if keeper is not None:
        keeper.given_up(message.context, message.language)


def _subscription_of(message: OutboxMessage) -> PushSubscription | None:
    return subscriptions.found(_number_of(message))


def _number_of(message: OutboxMessage) -> int:
    return int(message.chat_id.removeprefix(factory.PUSH))


def is_late(message: OutboxMessage, now: datetime) -> bool:
    """Whether it is of no use any more: whoever waited has been told of otherwise."""
    return now - message.created_at > timedelta(seconds=policy.PUSH_LIVES_SECS)
