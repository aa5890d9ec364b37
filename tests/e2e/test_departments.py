"""Two departments: who chooses one waits for whoever serves it, and is passed on into another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]
OPEN = """
from accounts.models import Operator
from sites.line_models import Line, Member
from sites.models import Site
line = Line.objects.create(key="sales", names={"tr": "Satış", "en": "Sales"})
Member.objects.create(line=line, operator=Operator.objects.get(username="ece"))
site = Site.objects.get(key="")
site.ask_line = "optional"
site.save()
"""
CLOSE = """
from sites.line_models import Line
from sites.models import Site
site = Site.objects.get(key="")
site.ask_line = "never"
site.save()
[line.delete() for line in Line.objects.all()]
"""


@pytest.fixture
def departments(installation: Installation) -> Iterator[None]:
    installation.manage("createoperator", "ece", "--name", "Ece")
    installation.manage("shell", "--no-imports", "-c", OPEN)
    yield
    installation.manage("shell", "--no-imports", "-c", CLOSE)


@pytest.mark.usefixtures("departments")
def test_customers_wait_for_whoever_serves_their_department(
    installation: Installation, customer: Join, operator: OperatorPage, new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:  # fmt: skip
    page = new_context().new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    asked = page.get_by_label("Bölüm")

    def drawn() -> bool:
        page.goto(installation.a.url)
        return asked.count() == 1

    awaited(drawn, "the question for the department")
    expect(page.get_by_text("Şu anda bu bölümde kimse yok: Satış.")).to_be_visible()
    assert faults(page, "form with departments") == []
    ada = CustomerPage(page, "Ada")
    page.fill("#ad-name", "Ada")
    asked.select_option("Satış")
    page.check("input[value=chat]", force=True)
    page.click("button[type=submit]")
    ada.expect_place(1)

    # Ada has waited longer, and not for whom Deniz serves.
    ben = customer("Ben", media="chat")
    ben.expect_place(1)
    operator.go_available()
    operator.expect_customer("Ben")
    operator.expect_waiting("Ada")
    expect(operator.page.locator(".ad-row-waiting")).to_contain_text("Satış")

    ece = OperatorPage(new_context().new_page())
    ece.sign_in(installation.b.url, "ece", lambda: installation.manage("otp", "ece").splitlines()[-1])
    ece.go_available()
    ece.expect_customer("Ada")
    expect(ece.page.locator(".ad-customer")).to_contain_text("Satış")

    # Passed on into the department, Ben is the next one there, with all that was said.
    ben.say("İade etmek istiyorum")
    operator.expect_line("İade etmek istiyorum")
    operator.page.click("[data-control=transfer]")
    dialog = operator.page.locator(".ad-transfer")
    dialog.get_by_role("radio", name="Satış").check()
    assert faults(operator.page, "transfer to a department") == []
    dialog.get_by_role("button", name="Aktar").click()
    expect(ben.page.locator(".ad-place__number")).to_have_text("1")
    ece.hang_up()
    ece.expect_customer("Ben")
    ece.expect_line("İade etmek istiyorum")
    assert complaints == []
