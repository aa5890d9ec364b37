"""What Telegram tells the bot, as far as we look at it. Everything else in an update is ignored."""

import logging
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator

log = logging.getLogger(__name__)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Person(_Part):
    """A Telegram user. In a private chat with the bot, the chat has the same id."""

    id: int
    language_code: str = ""


class Chat(_Part):
    """`type`: `private`, `group`, `supergroup` or `channel`."""

    id: int
    type: str = ""


class ShownMessage(_Part):
    """The message under which the button was. Telegram leaves it out when it is too old."""

    message_id: int
    chat: Chat


class ButtonPress(_Part):
    """A callback query. `data` is what the button carries; a changed client may send anything."""

    id: str = Field(min_length=1, max_length=128)
    person: Person = Field(alias="from")
    message: ShownMessage | None = None
    data: str = ""


class Message(_Part):
    """What somebody has written. `text` is empty for pictures and the like; nothing of it is kept."""

    person: Person = Field(alias="from")
    chat: Chat
    text: str = ""

    @property
    def is_private(self) -> bool:
        return self.chat.type == "private" and self.chat.id == self.person.id


class Update(_Part):
    """One update, of the kinds that we ask for. One that is not as we know it counts as absent: an error would make
    Telegram send it again and again, before all others."""

    update_id: int = Field(ge=0)
    callback_query: ButtonPress | None = None
    message: Message | None = None

    @field_validator("callback_query", "message", mode="wrap")
    @classmethod
    def _readable(cls, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            log.warning("update not understood", extra={"faults": [fault["loc"] for fault in error.errors()]})
            return None
