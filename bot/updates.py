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
    id: int


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


class Update(_Part):
    """One update; `callback_query` is the only kind that we ask for. One that is not as we know it counts as absent: an
    error would make Telegram send it again and again, before all others."""

    update_id: int = Field(ge=0)
    callback_query: ButtonPress | None = None

    @field_validator("callback_query", mode="wrap")
    @classmethod
    def _readable(cls, value: Any, read: ValidatorFunctionWrapHandler) -> ButtonPress | None:
        try:
            press: ButtonPress | None = read(value)
        except ValidationError as error:
            log.warning("press not understood", extra={"faults": [fault["loc"] for fault in error.errors()]})
            return None
        return press
