"""Grades of a call's quality, as pages show them (static/js/ui/shared/quality-bar.js)."""

from __future__ import annotations

FLOORS = ((4.0, "good"), (3.5, "fair"), (2.5, "poor"))
"""A mean opinion score from here on is as good as that."""


def quality_grade(score: float | None) -> str:
    """good, fair, poor or bad of a mean opinion score; unknown without any."""
    if score is None:
        return "unknown"
    return next((grade for floor, grade in FLOORS if score >= floor), "bad")
