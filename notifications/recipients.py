"""Who is told. This app does not know operators; the app that does registers a provider when it is ready."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

Provider = Callable[[], Iterable[tuple[str, str | None, str]]]


@dataclass(frozen=True)
class Recipient:
    """`admin_id` is empty for the chat of TELEGRAM_ADMIN_CHAT_ID; an empty `chat_id` means no chat is known."""

    admin_id: str
    chat_id: str
    language: str


Recipients = Sequence[Recipient]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Adds a source of recipients: a callable giving (admin_id, chat_id, language) of every operator to notify."""
    if provider not in _providers:
        _providers.append(provider)


def everyone() -> Recipients:
    """All registered recipients and TELEGRAM_ADMIN_CHAT_ID, each chat once; operators without a chat are left out."""
    found: dict[str, Recipient] = {}
    for provider in _providers:
        for admin_id, chat_id, language in provider():
            chat = str(chat_id or "").strip()
            if chat:
                found.setdefault(chat, Recipient(admin_id, chat, language or settings.LANGUAGE_CODE))
    extra = str(settings.TELEGRAM_ADMIN_CHAT_ID or "").strip()
    if extra:
        found.setdefault(extra, Recipient("", extra, settings.LANGUAGE_CODE))
    return list(found.values())


def operator(admin_id: str) -> Recipient | None:
    """The recipient for one operator; its `chat_id` is empty when none is known. None for an unknown operator."""
    for provider in _providers:
        for found_id, chat_id, language in provider():
            if found_id == admin_id:
                return Recipient(admin_id, str(chat_id or "").strip(), language or settings.LANGUAGE_CODE)
    return None
