"""Reports: what the database counts is what one would count by hand, whatever was typed into a name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async as sync
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import QueryDict
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from infra import spreadsheet
from infra.spreadsheet import COMMA, Sheet
from queueing.history.models import Conversation
from queueing.reports import csv_file
from queueing.reports.charts import LEFT, round_time, round_top
from queueing.reports.periods import Period, report
from queueing.reports.views import BadPeriod, charts, clock, period_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
FIRST = date(2026, 3, 2)
WEEK = Period(FIRST, FIRST + timedelta(days=6))


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    with timezone.override("Europe/Istanbul"), translation.override("en"):
        yield


class History:
    """Writes conversations that are over, as the journal would."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, day: int, wait: float | None = None, handling: float | None = None, **fields: Any) -> Conversation:
        """`day` of the period from 0; wait and handling in seconds, None where it did not come to that."""
        self.count += 1
        noon = datetime(2026, 3, 2, 12, tzinfo=timezone.get_current_timezone()) + timedelta(days=day)
        joined = fields.pop("joined_at", noon)
        claimed = None if wait is None else joined + timedelta(seconds=wait)
        ended = (claimed or joined) + timedelta(seconds=handling or 5)
        row = {"status": "ended", "reason": "operator", "ended_by": "operator", "admin_id": "deniz" if claimed else ""}
        row |= {"name": f"n{self.count}", "ended_at": ended, "claimed_at": claimed} | fields
        return Conversation.objects.create(pk=f"c{self.count}", joined_at=joined, **row)


@pytest.fixture
def history() -> History:
    return History()


def test_an_empty_period_has_every_day_and_no_figures() -> None:
    found = report(WEEK)
    assert list(found.days) == list(WEEK)
    assert found.whole.joined == 0
    assert (found.whole.wait_median_s, found.whole.kept_share, found.operators) == (None, None, [])


def test_medians_are_waits_that_occurred(history: History) -> None:
    for wait in (10, 20, 30, 40, 1000):
        history.add(0, wait=wait, handling=wait * 2)
    history.add(1, wait=7, handling=60)
    history.add(0)
    days = report(WEEK).days
    monday, tuesday = days[FIRST], days[FIRST + timedelta(days=1)]
    assert (monday.answered, monday.joined) == (5, 6)
    assert monday.wait_median_s == pytest.approx(30, abs=0.01)
    assert monday.wait_p90_s == pytest.approx(1000, abs=0.01)
    assert monday.handling_median_s == pytest.approx(60, abs=0.01)
    assert tuesday.wait_median_s == tuesday.wait_p90_s == pytest.approx(7, abs=0.01)
    whole = report(WEEK).whole
    assert whole.wait_median_s == pytest.approx(20, abs=0.01)
    assert (whole.answered, whole.joined) == (6, 7)


def test_promises_are_judged_where_one_was_made_and_answered(history: History) -> None:
    promise = {"promised_low_s": 30, "promised_high_s": 90}
    for wait in (10, 30, 60, 90, 200):
        history.add(2, wait=wait, handling=1, **promise)
    history.add(2, wait=40, handling=1)
    history.add(2, **promise)
    day = report(WEEK).days[FIRST + timedelta(days=2)]
    assert (day.promised, day.earlier, day.within, day.later) == (5, 1, 3, 1)
    assert day.kept_share == pytest.approx(0.8)


def test_who_was_served_earlier_than_promised_was_promised_nothing_in_vain(history: History) -> None:
    for wait in (1, 2, 3):
        history.add(2, wait=wait, handling=1, promised_low_s=30, promised_high_s=90)
    assert report(WEEK).whole.kept_share == 1.0


def test_every_conversation_has_one_outcome(history: History) -> None:
    history.add(3, wait=1, handling=1)
    history.add(3, wait=1, handling=1, reason="operator-lost", ended_by="system")
    history.add(3, wait=1, handling=1, reason="connection", ended_by="customer")
    history.add(3, reason="any word", ended_by="customer")
    history.add(3, reason="abandoned", ended_by="system")
    history.add(3, reason="max-wait", ended_by="system")
    history.add(3, reason="removed", ended_by="ops")
    history.add(3, status="waiting", ended_at=None)
    history.add(3, wait=1, status="active", ended_at=None)
    outcomes = report(WEEK).whole.outcomes
    assert vars(outcomes) == {
        "completed": 1, "lost": 2, "left": 1, "vanished": 1, "waited_too_long": 1, "other": 1, "open": 2,
    }  # fmt: skip
    assert outcomes.total == 9


def test_a_day_is_one_of_the_installation(history: History) -> None:
    zone = timezone.get_current_timezone()
    history.add(0, joined_at=datetime(2026, 3, 2, 0, 10, tzinfo=zone))
    history.add(0, joined_at=datetime(2026, 3, 2, 23, 50, tzinfo=zone))
    history.add(0, joined_at=datetime(2026, 3, 1, 23, 50, tzinfo=zone))
    found = report(WEEK)
    assert (found.days[FIRST].joined, found.whole.joined) == (2, 2)


def test_quality_and_trouble(history: History) -> None:
    history.add(0, wait=1, handling=1, mean_quality=4.5)
    history.add(0, wait=1, handling=1, mean_quality=3.5, had_trouble=True, interrupted_s=12.5)
    history.add(0, wait=1, handling=1)
    day = report(WEEK).days[FIRST]
    assert (day.quality, day.calls, day.troubled, day.interrupted_s) == (4.0, 2, 1, 12.5)


def test_operators_are_counted_for_themselves(history: History) -> None:
    zehra = get_user_model().objects.create_user("zehra", name="Zehra Ak")
    for wait in (5, 15, 25):
        history.add(0, wait=wait, handling=100 + wait, admin_id="zehra", operator=zehra)
    history.add(0, wait=5, handling=40, admin_id="deniz")
    first, second = report(WEEK).operators
    assert (first.admin_id, first.name, first.figures.answered) == ("zehra", "Zehra Ak", 3)
    assert first.figures.handling_median_s == pytest.approx(115, abs=0.01)
    assert (second.admin_id, second.name, second.figures.answered) == ("deniz", "", 1)


def test_the_number_of_queries_does_not_grow(history: History) -> None:
    history.add(0, wait=1, handling=1)
    with CaptureQueriesContext(connection) as few:
        report(WEEK)
    for day in range(7):
        for number in range(5):
            history.add(day, wait=1, handling=1, admin_id=f"o{number}")
    with CaptureQueriesContext(connection) as many:
        report(WEEK)
    assert len(many) == len(few) <= 10


# -- charts ----------------------------------------------------------------------------------------------------------


def test_charts_fit_their_box_and_say_the_same_as_their_tables(history: History) -> None:
    for wait in (20, 40, 900):
        history.add(0, wait=wait, handling=300)
    history.add(4, wait=30, handling=10)
    for chart in charts(report(WEEK)):
        for column in chart.columns:
            assert LEFT <= column.x <= chart.right
            for box in column.boxes:
                assert chart.top - 0.1 <= box.y
                assert box.y + box.height <= chart.bottom + 0.2
        assert len(chart.rows) == len(chart.columns) == 7
    waits = charts(report(WEEK))[1]
    assert waits.rows[0] == ("March 2, 2026", ["0:40", "15:00"]) or waits.rows[0][1] == ["0:40", "15:00"]
    assert waits.rows[1][1] == ["–", "–"]
    assert waits.lines[0].path.count("M") == 2, "days without a value are a gap"


def test_scales_end_at_round_numbers() -> None:
    assert [round_top(value) for value in (0, 0.3, 1, 7, 12, 60, 201)] == [1, 0.5, 1, 10, 20, 100, 500]
    assert [round_time(value) for value in (0, 61, 500, 20_000)] == [60, 120, 600, 36_000]
    assert (clock(None), clock(59.6), clock(3725)) == ("–", "1:00", "1:02:05")


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def operator() -> Any:
    return get_user_model().objects.create_user("deniz", name="Deniz", is_staff=True)


@pytest.fixture
def browser(operator: Any) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(operator)
    return client


ADDRESSES = ["/admin/reports/", "/admin/reports/daily.csv", "/admin/reports/conversations.csv"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_operators_see_reports(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]
    stranger = Client()
    stranger.force_login(get_user_model().objects.create_user("eski", name="Eski", is_staff=False))
    assert stranger.get(address).status_code in (302, 403)


def test_an_empty_page_says_so(browser: Client) -> None:
    page = browser.get("/admin/reports/").content.decode()
    assert "ad-reports-empty" in page
    assert 'class="ad-report-plot"' not in page


def test_the_page_draws_without_scripts_and_styles(browser: Client, history: History) -> None:
    history.add(0, wait=30, handling=60, name="<script>alert(1)</script>", promised_low_s=1, promised_high_s=60)
    answer = browser.get("/admin/reports/?from=2026-03-02&to=2026-03-08")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('class="ad-report-plot"') == 4, "nobody measured the quality"
    content = page.split('<div class="ad-reports">')[1]
    assert "style=" not in content.split("</main>")[0]
    assert "alert(1)" not in page
    assert 'aria-labelledby="report-waits' in page
    assert page.count("<details") >= 4
    assert "0:30" in page


def test_both_languages_draw_the_same_numbers(browser: Client, history: History) -> None:
    """A decimal comma would break the geometry."""
    history.add(0, wait=30, handling=60)
    pages = [
        browser.get("/admin/reports/?from=2026-03-02&to=2026-03-08", headers={"accept-language": language})
        for language in ("en", "tr")
    ]
    first, second = ([line for line in page.content.decode().split("<") if line.startswith(("rect class", "circle"))]
                     for page in pages)  # fmt: skip
    assert first == second
    assert "," not in "".join(first)


@pytest.mark.parametrize(
    "query",
    ["days=3", "days=x", "from=2026-03-02", "from=2026-03-09&to=2026-03-02", "from=x&to=y",
     "from=2020-01-01&to=2026-01-01", "from=0001-01-01&to=0001-01-02", "from=9999-12-31&to=9999-12-31"],
)  # fmt: skip
def test_a_bad_period_gets_a_clear_error(browser: Client, query: str) -> None:
    with pytest.raises(BadPeriod):
        period_of(QueryDict(query))
    answer = browser.get(f"/admin/reports/?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert browser.get(f"/admin/reports/daily.csv?{query}").status_code == 400


def test_the_usual_periods_end_today() -> None:
    period, days = period_of(QueryDict("days=7"))
    assert (period.last, period.days, days) == (timezone.localdate(), 7, 7)
    same = QueryDict(f"from={period.first}&to={period.last}")
    assert period_of(same) == (period, 7)


# -- CSV -------------------------------------------------------------------------------------------------------------


def test_days_as_csv(browser: Client, history: History) -> None:
    history.add(1, wait=30, handling=60)
    answer = browser.get("/admin/reports/daily.csv?from=2026-03-02&to=2026-03-08")
    assert answer["Content-Type"].startswith("text/csv")
    assert 'filename="adminara-daily-2026-03-02-2026-03-08.csv"' in answer["Content-Disposition"]
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert tuple(header[: len(csv_file.DAILY_COLUMNS)]) == csv_file.DAILY_COLUMNS
    assert len(rows) == 7
    tuesday = dict(zip(header, rows[1], strict=True))
    assert (tuesday["day"], tuesday["customers"], tuesday["completed"], tuesday["wait_median_s"]) == (
        "2026-03-03", "1", "1", "30.0",
    )  # fmt: skip


def test_the_files_of_a_turkish_admin_open_in_a_turkish_spreadsheet(browser: Client, history: History) -> None:
    history.add(1, wait=30, handling=61)
    query = "/admin/reports/daily.csv?from=2026-03-02&to=2026-03-08"
    turkish = {"Accept-Language": "tr"}
    text = browser.get(query, headers=turkish).content.decode()
    assert text.startswith('\ufeff"day";"customers";')
    assert '"2026-03-03";"1";' in text
    assert ';"30,0";' in text
    assert (
        browser.get(f"{query}&separator=comma", headers=turkish).content.decode().startswith('\ufeff"day","customers"')
    )
    assert browser.get(f"{query}&separator=tab").content.decode().startswith('\ufeff"day"\t"customers"')
    page = browser.get("/admin/reports/", headers=turkish).content.decode()
    assert '<option value="semicolon" selected>' in page
    assert '<option value="comma" selected>' in browser.get("/admin/reports/").content.decode()


EVIL = ["=1+1", "+49 151", "-2", "@SUM(A1)", "\tx", 'a "quoted", name', "Ayşe\nYılmaz", "plain"]


@pytest.mark.django_db(transaction=True)
async def test_conversations_as_csv_cannot_compute(operator: Any) -> None:
    history = History()
    for name in EVIL:
        await sync(history.add)(0, wait=30, handling=60, name=name, promised_low_s=10, promised_high_s=40)
    client = AsyncClient()
    await client.aforce_login(operator)
    query = "from=2026-03-02&to=2026-03-08&separator=comma"
    answer = await client.get(f"/admin/reports/conversations.csv?{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    text = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert tuple(header[: len(csv_file.CONVERSATION_COLUMNS)]) == csv_file.CONVERSATION_COLUMNS
    names = [row[1] for row in rows]
    assert names == ["'=1+1", "'+49 151", "'-2", "'@SUM(A1)", "'\tx", *EVIL[5:]]
    first = dict(zip(header, rows[0], strict=True))
    assert (first["waited_s"], first["promise_kept"], first["duration_s"]) == ("30.0", "1", "60.0")
    assert (first["reason"], first["ended_in_words"], first["media_in_words"]) == (
        "operator",
        "the operator hung up",
        "Video",
    )
    assert first["joined_at"] == "2026-03-02 12:00:00"


@pytest.mark.django_db(transaction=True)
async def test_the_file_of_conversations_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    monkeypatch.setattr(spreadsheet, "CHUNK", 2)
    history = History()
    for _number in range(5):
        await sync(history.add)(0)
    text = "".join([part async for part in csv_file.conversations(WEEK, Sheet(COMMA))])
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + 3 + 1
    assert rows[-1][0].startswith("# 3 rows at most")
