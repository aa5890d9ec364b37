"""Where a chat is: its id as people write it, a topic of it, and the id that it has now.

A chat id is a number or `@channel`; `:17` behind it means the topic 17 of a group with topics. A group that becomes a
supergroup gets another id: Telegram tells it once, and it is kept, since settings and operators still name the old one.
"""

from __future__ import annotations

from typing import NamedTuple

from notifications.models import MovedChat

HOPS_MOST = 3


class Place(NamedTuple):
    """`topic` is Telegram's message_thread_id, None for a chat without topics, or for its general one."""

    chat: str
    topic: int | None


def place_of(chat_id: str) -> Place:
    chat, colon, topic = chat_id.strip().partition(":")
    return Place(chat, int(topic)) if colon and topic.isascii() and topic.isdigit() else Place(chat, None)


def current(chat_id: str) -> str:
    """The same chat, and topic, under the id that it has now."""
    chat, colon, topic = chat_id.strip().partition(":")
    for _ in range(HOPS_MOST):
        moved = MovedChat.objects.filter(old_id=chat).values_list("new_id", flat=True).first() if chat else None
        if moved is None:
            break
        chat = moved
    return f"{chat}{colon}{topic}"


def moved(chat_id: str, new_chat: str) -> str:
    """Remembers that a chat has another id from now on; answers where what was meant for `chat_id` goes."""
    chat, colon, topic = chat_id.strip().partition(":")
    MovedChat.objects.update_or_create(old_id=chat, defaults={"new_id": new_chat})
    return f"{new_chat}{colon}{topic}"
