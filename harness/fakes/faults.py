"""How the fake Bot API misbehaves on request."""

from dataclasses import dataclass, replace
from typing import Any, Self

UNASKED = ("getUpdates", "getMe")
"""What is asked by itself, not because of what a test does."""


@dataclass(frozen=True)
class Fault:
    """One misbehaviour. `kind`: status | reset | hang | slow | taken | garbage. `seconds` is for hang, slow and taken.
    With `only`, it is for the next call of that method; without, for the next call of any but those of
    UNASKED. With `chat`, for the next call about that chat."""

    kind: str
    code: int = 200
    description: str = ""
    seconds: float = 0.0
    parameters: dict[str, Any] | None = None
    only: str = ""
    chat: str = ""

    def of(self, method: str) -> Self:
        return replace(self, only=method)

    def about(self, chat: str) -> Self:
        return replace(self, chat=chat)

    def fits(self, method: str, chat: str) -> bool:
        return self.only in ("", method) and self.chat in ("", chat) and (method not in UNASKED or bool(self.only))

    @classmethod
    def retry_after(cls, seconds: int) -> Self:
        text = f"Too Many Requests: retry after {seconds}"
        return cls("status", 429, text, parameters={"retry_after": seconds})

    @classmethod
    def status(cls, code: int, description: str = "") -> Self:
        return cls("status", code, description or "Internal Server Error")

    @classmethod
    def blocked(cls) -> Self:
        return cls("status", 403, "Forbidden: bot was blocked by the user")

    @classmethod
    def chat_not_found(cls) -> Self:
        return cls("status", 400, "Bad Request: chat not found")

    @classmethod
    def migrated(cls, new_chat_id: int) -> Self:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        return cls("status", 400, text, parameters={"migrate_to_chat_id": new_chat_id})

    @classmethod
    def reset(cls) -> Self:
        """The connection is cut without an answer; the message was not taken."""
        return cls("reset")

    @classmethod
    def hang(cls, seconds: float = 60.0) -> Self:
        """No answer for `seconds` (or until the fake is released or stopped), then a cut connection."""
        return cls("hang", seconds=seconds)

    @classmethod
    def slow(cls, seconds: float) -> Self:
        return cls("slow", seconds=seconds)

    @classmethod
    def taken(cls, seconds: float = 60.0) -> Self:
        """Done, but the caller hears of it only after `seconds` (or when the fake is released)."""
        return cls("taken", seconds=seconds)

    @classmethod
    def garbage(cls) -> Self:
        return cls("garbage")
