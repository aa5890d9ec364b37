"""The chat with the bot in which a customer wants to be called: kept sealed with the callback, gone with it.

A message that did not arrive is followed by the e-mail of the same call, where an address was left. Where none was, the
place is held as ever, and a callback that was missed becomes a message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from infra.sealed import Box, NotOurs
from notifications.content.text import AcceptButton, Button, Text
from notifications.private_chats import Context, Told
from queueing.callbacks import words
from queueing.callbacks.words import open_row
from queueing.history.callback_models import Callback

BOX = Box("adminara.chat")


def seal(chat_id: int) -> str:
    return BOX.seal(str(chat_id))


def unseal(text: str) -> str:
    """Empty for what was sealed with a SECRET_KEY that is gone."""
    try:
        return BOX.open(text)
    except NotOurs:
        return ""


def give_up_data(conversation: str, *, sure: bool = False) -> str:
    """What the buttons carry that give a place up (`bot.customers`): at most 64 bytes with the longest id."""
    return f"{'leave!' if sure else 'leave'}:{conversation}"


@dataclass(frozen=True)
class Kept:
    """`private_chats.Keeper` of one thing that is said in the chat of an open callback: its text, in the language in
    force, and what is done where it did not arrive."""

    text: Callable[[Callback], Text]
    instead: Callable[[Context], None]

    def find(self, context: Context, language: str) -> Told | None:
        row = open_row(context)
        chat = unseal(row.chat) if row is not None and row.chat else ""
        if row is None or not chat:
            return None
        with translation.override(language):
            return Told(chat, self.text(row))

    def drop(self, context: Context) -> None:
        """Another one that was chosen meanwhile stays."""
        row = open_row(context)
        if row is not None and row.chat_name == context.get("chat"):
            forget(row)

    def given_up(self, context: Context, language: str) -> None:
        self.instead(context)


def _call(row: Callback) -> Text:
    link, label = words.place_link(row), _("Take my place")
    html = f"🔔 <b>{escape(words.title(row))}</b>\n{escape(words.note())}"
    below = AcceptButton(_("I cannot come"), give_up_data(row.conversation_id))
    # Telegram refuses the whole message for a button that leads to a name without a dot (localhost).
    if "." in (urlsplit(link).hostname or ""):
        return Text(html, Button(label, link), below=below)
    return Text(f"{html}\n{escape(label)}: {escape(link)}", below=below)


def _confirmation(row: Callback) -> Text:
    title = _("Your place at %(host)s is kept") % {"host": words.host_of(row)}
    lines = [
        f"✅ <b>{escape(title)}</b>",
        escape(_("You may close the page. We write to you here when it is nearly your turn.")),
        escape(_("If you did not ask for this, or want no more of it, send /stop.")),
    ]
    return Text("\n".join(lines), below=AcceptButton(_("Give up my place"), give_up_data(row.conversation_id)))


CALLS = Kept(_call, words.call_by_letter)
CONFIRMATIONS = Kept(_confirmation, words.confirm_by_letter)


def forget(row: Callback) -> None:
    """Nothing is written there any more."""
    Callback.objects.filter(pk=row.pk, chat=row.chat).update(chat="")
