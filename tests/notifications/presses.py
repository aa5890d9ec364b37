"""Pressing the buttons of cards, as a person and as Telegram do it."""

import json
from typing import Any

from django.test import Client

from harness.fakes.telegram import Answer, FakeTelegram
from notifications.content import templates
from notifications.models import Card
from tests.queueing.world import Operator

SECRET = "Hq3vT8mZ1xK6wB0rL5yN2cD9"
AYSE, BOB = "1001", "1002"
CONSOLE = "https://support.example.org/admin/open/console/"


def at_desk(name: str) -> Operator:
    """Has a console open and takes a break: nobody is given to them by themselves."""
    operator = Operator(name)
    operator.connect()
    return operator


def post(update: Any, secret: str = SECRET) -> Any:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return Client().post("/telegram/webhook/", body, content_type="application/json", headers=headers)


def press(bot: FakeTelegram, chat: str, *, data: str = "", **others: Any) -> Answer:
    """Presses the button of the newest message in a chat; what the presser reads."""
    shown = next(message for message in reversed(bot.messages) if message.chat_id == chat)
    before = len(bot.updates.answers)
    carried = data or templates.accept_data(Card.objects.get().conversation)
    assert post(bot.updates.make_press(chat, shown.message_id, carried, **others)).status_code == 200
    assert len(bot.updates.answers) == before + 1
    return bot.updates.answers[-1]


def shown(bot: FakeTelegram, chat: str) -> str:
    return next(message.text for message in reversed(bot.messages) if message.chat_id == chat)


def buttons(bot: FakeTelegram, chat: str) -> list[Any]:
    """(label, what it carries or opens) of each button under the newest message."""
    markup = next(message.reply_markup for message in reversed(bot.messages) if message.chat_id == chat)
    return [
        (cell["text"], cell.get("callback_data") or cell.get("url"))
        for row in markup["inline_keyboard"]
        for cell in row
    ]
