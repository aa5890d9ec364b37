"""A screen goes over in place of the camera, the other side is told, and the browser's bar brings the camera back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.sharing import share_and_stop

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]


def test_either_side_shares_its_screen(
    customer: Callable[..., CustomerPage], operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    ada.await_more_media()
    share_and_stop(operator, ada)
    share_and_stop(ada, operator)
    assert complaints == []
