"""Grades of a call's quality, as pages show them (static/js/ui/shared/call/quality-bar.js)."""

from __future__ import annotations

FLOORS = {"good": 4.0, "fair": 3.5, "poor": 2.5}
"""A mean opinion score from here on is as good as that."""


def quality_grade(score: float | None) -> str:
    """good, fair, poor or bad of a mean opinion score; unknown without any."""
    if score is None:
        return "unknown"
    return next((grade for grade, floor in FLOORS.items() if score >= floor), "bad")
