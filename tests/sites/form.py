"""The form of a site, as a browser sends it."""

from __future__ import annotations

from typing import Any


def filled(*own: dict[str, Any], before: int = 0, **site: Any) -> dict[str, Any]:
    """`own`: questions, of which so many are known already."""
    sent: dict[str, Any] = {"name": "Shop", "origins": "", "first_language": "", "ask_name": "required"}
    sent |= {"ask_email": "never", "ask_phone": "never", "ask_topic": "optional", **site}
    head = "own_questions-"
    sent |= {f"{head}TOTAL_FORMS": len(own), f"{head}INITIAL_FORMS": before}
    for number, one in enumerate(own):
        whole = {"position": number, "kind": "text", "ask": "optional", "link": "", "key": "", **one}
        sent |= {f"{head}{number}-{name}": value for name, value in whole.items()}
    return sent
