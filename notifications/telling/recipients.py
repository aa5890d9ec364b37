"""Who is told. This app does not know operators; the app that does registers a provider when it is ready."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from notifications.models import Tier
from notifications.transports import chats, fallback


class Contact(NamedTuple):
    """An operator as a provider tells of them. `name` is what others may read; backup operators are told later."""

    admin_id: str
    chat_id: str | None
    language: str
    is_backup: bool = False
    name: str = ""


Provider = Callable[[], Iterable[Contact]]


@dataclass(frozen=True)
class Recipient:
    """`admin_id` is empty for the group chat and a fallback service; an empty `chat_id` means no chat is known."""

    admin_id: str
    chat_id: str
    language: str


Recipients = Sequence[Recipient]

Serves = Callable[[str, str], bool]
"""Whether an operator (adminId) serves a department, by its key."""

_providers: list[Provider] = []
_judges: list[Serves] = []


def register(provider: Provider) -> None:
    """Adds a source of operators: a callable giving a Contact for each one to notify."""
    if provider not in _providers:
        _providers.append(provider)


def ask_who_serves(serves: Serves) -> None:
    """Operators who do not serve a customer's department are not told of that one."""
    if serves not in _judges:
        _judges.append(serves)


def of_line(line: str | None) -> list[Contact]:
    """All operators who may be told. `line`: the key of the department that it is about; None: it is about none, and
    everybody may."""
    return [
        contact for contact in _contacts() if line is None or all(serves(contact.admin_id, line) for serves in _judges)
    ]


def of_tier(tier: Tier, line: str | None = None, among: Sequence[Contact] | None = None) -> Recipients:
    """Whom a step of the escalation tells, each chat once; operators without a chat are left out. `among`: `of_line`
    of that line, for who asks of several steps."""
    if tier == Tier.GROUP:
        group = chats.current(str(settings.TELEGRAM_ADMIN_CHAT_ID or ""))
        return [Recipient("", group, settings.LANGUAGE_CODE)] if group else []
    if tier == Tier.FALLBACK:
        return [Recipient("", name, settings.LANGUAGE_CODE) for name in fallback.services()]
    found: dict[str, Recipient] = {}
    for contact in of_line(line) if among is None else among:
        target = _recipient(contact)
        if target.chat_id and contact.is_backup == (tier == Tier.BACKUP):
            found.setdefault(target.chat_id, target)
    return list(found.values())


def of_step(tier: Tier, line: str | None = None, among: Sequence[Contact] | None = None) -> list[str]:
    """The operators whom a step tells, with a chat or without; `line` and `among` as above."""
    if tier not in (Tier.OPERATOR, Tier.BACKUP):
        return []
    contacts = of_line(line) if among is None else among
    return [contact.admin_id for contact in contacts if contact.is_backup == (tier == Tier.BACKUP)]


def operator(admin_id: str) -> Recipient | None:
    """The recipient for one operator; its `chat_id` is empty when none is known. None for an unknown operator."""
    found = next((contact for contact in _contacts() if contact.admin_id == admin_id), None)
    return _recipient(found) if found else None


def of_chat(chat_id: str) -> list[Contact]:
    """The operators whose chat this is; of a private chat, whose Telegram account."""
    if not chat_id:
        return []
    return [
        contact for contact in _contacts() if chats.place_of(chats.current(str(contact.chat_id or ""))).chat == chat_id
    ]


def _contacts() -> Iterator[Contact]:
    for provider in _providers:
        yield from provider()


def _recipient(contact: Contact) -> Recipient:
    return Recipient(
        contact.admin_id, chats.current(str(contact.chat_id or "")), contact.language or settings.LANGUAGE_CODE
    )
