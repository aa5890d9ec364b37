"""A message as every way of sending takes it: what Telegram can show, and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Button:
    label: str
    url: str


@dataclass(frozen=True)
class AcceptButton:
    """Asks something of us: `data` comes back when it is pressed (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True)
class Text:
    """A message as Telegram takes it: HTML of its few tags, at most one button that opens a URL, and one that takes
    the customer. `silent`: without a sound. `below`: a button that asks for something else, under the others.
    """

    html: str
    button: Button | None = None
    silent: bool = False
    accept: AcceptButton | None = None
    below: AcceptButton | None = None
