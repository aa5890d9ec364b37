"""The part of the fake Bot API that brings presses to the bot: getUpdates, answerCallbackQuery, the webhook."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any


class Refusal(Exception):
    """An error of the Bot API."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True)
class Answer:
    """What the presser read. `alert`: as a window that has to be closed."""

    press_id: str
    text: str
    alert: bool


class Updates:
    """What waits for the bot, and what it answered. All under the lock of the fake."""

    def __init__(self, changed: threading.Condition) -> None:
        self.pending: list[dict[str, Any]] = []
        self.answers: list[Answer] = []
        self.webhook: dict[str, Any] = {}
        self.polls = 0  # getUpdates calls that wait or waited
        self._changed = changed
        self._number = 0
        self._released = 0

    def release(self) -> None:
        """Ends every poll that waits now, with nothing."""
        with self._changed:
            self._released += 1
            self._changed.notify_all()

    def clear(self) -> None:
        self.pending.clear()
        self.answers.clear()
        self.webhook = {}

    def make_press(
        self, chat_id: str | int, message_id: int, data: str, *, person: int | None = None, language: str = "tr"
    ) -> dict[str, Any]:
        """The update of a press; `person` presses (default: whose private chat it is)."""
        with self._changed:
            self._number += 1
            who = {"id": int(chat_id) if person is None else person, "is_bot": False, "first_name": "A"}
            message = {
                "message_id": message_id,
                "date": int(time.time()),
                "chat": {"id": int(chat_id), "type": "private"},
            }
            query = {
                "id": f"press-{self._number}",
                "from": who | {"language_code": language},
                "message": message,
                "chat_instance": "1",
                "data": data,
            }
            return {"update_id": 700_000 + self._number, "callback_query": query}

    def make_message(
        self, person: int, text: str, *, chat: int | None = None, kind: str = "private", language: str = "tr"
    ) -> dict[str, Any]:
        """The update of what a person has written, in their private chat or (`chat`, `kind`) another."""
        with self._changed:
            self._number += 1
            message = {
                "message_id": self._number,
                "date": int(time.time()),
                "from": {"id": person, "is_bot": False, "first_name": "A", "language_code": language},
                "chat": {"id": person if chat is None else chat, "type": kind},
                "text": text,
            }
            return {"update_id": 700_000 + self._number, "message": message}

    def press(self, chat_id: str | int, message_id: int, data: str, **others: Any) -> dict[str, Any]:
        """The same, left for whoever polls."""
        update = self.make_press(chat_id, message_id, data, **others)
        self.add(update)
        return update

    def add(self, *updates: dict[str, Any]) -> None:
        with self._changed:
            self.pending.extend(updates)
            self._changed.notify_all()

    def perform(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return self._poll(params)
        if method == "answerCallbackQuery":
            alert = str(params.get("show_alert", "false")).lower() == "true"
            self.answers.append(Answer(str(params["callback_query_id"]), str(params.get("text", "")), alert))
            self._changed.notify_all()
        elif method == "setWebhook":
            kinds = params.get("allowed_updates") or []
            self.webhook = {
                "url": params["url"],
                "secret_token": params.get("secret_token", ""),
                "allowed_updates": json.loads(kinds) if isinstance(kinds, str) else kinds,
            }
            if str(params.get("drop_pending_updates")).lower() == "true":
                self.pending.clear()
        elif method == "deleteWebhook":
            self.webhook = {}
        elif method == "getWebhookInfo":
            return {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self.pending),
                **{name: self.webhook[name] for name in ("allowed_updates",) if name in self.webhook},
                **{name: value for name, value in self.webhook.items() if name.startswith("last_error")},
            }
        return True

    def _poll(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        offset = int(params.get("offset") or 0)
        self.pending[:] = [update for update in self.pending if update["update_id"] >= offset]
        self.polls += 1
        self._changed.notify_all()
        released = self._released
        self._changed.wait_for(
            lambda: bool(self.pending) or self._released > released, float(params.get("timeout") or 0)
        )
        return self.pending[: int(params.get("limit") or 100)]
