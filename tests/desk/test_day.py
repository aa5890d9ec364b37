"""What an idle console tells an operator of the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Operator
from queueing.models import Conversation

pytestmark = pytest.mark.django_db
URL = "/admin/console/day/"


def answered(pk: str, admin_id: str, waited_s: int, talked_s: int, **fields: Any) -> None:
    now = timezone.now()
    Conversation.objects.create(
        pk=pk,
        admin_id=admin_id,
        joined_at=now,
        claimed_at=now + timedelta(seconds=waited_s),
        ended_at=now + timedelta(seconds=waited_s + talked_s),
        status="ended",
        **fields,
    )


def test_a_day_without_customers_has_measured_nothing(browser: Any, deniz: Operator) -> None:
    nothing = {"answered": 0, "handling_median_s": None, "wait_median_s": None, "kept_pct": None}
    assert browser(deniz).get(URL).json() == nothing


def test_it_is_the_operators_own_and_of_today(browser: Any, deniz: Operator) -> None:
    answered("a", "deniz", 10, 60, promised_low_s=5, promised_high_s=20)
    answered("b", "deniz", 30, 120, promised_low_s=5, promised_high_s=20)
    answered("c", "deniz", 90, 300)
    answered("other", "efe", 1, 1)
    answered("before", "deniz", 1, 1)
    Conversation.objects.filter(pk="before").update(joined_at=timezone.now() - timedelta(days=1))
    answer = browser(deniz).get(URL)
    assert answer.json() == {"answered": 3, "handling_median_s": 120.0, "wait_median_s": 30.0, "kept_pct": 50}
    assert "no-cache" in answer["Cache-Control"]


def test_nobody_else_is_told(client: Client) -> None:
    answer = client.get(URL)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
