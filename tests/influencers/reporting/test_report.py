"""The report of asks: figures, what was won, files."""

import csv
import io
import itertools
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import time_machine

from crm.base import sheets
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.reporting import figures
from tests import factories

TODAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def make(steps=(), days_ago=0, user=None, **values):
    """Return an ask that was planned so many days ago; steps are (state, days later)."""
    at = NOON - timedelta(days=days_ago)
    with time_machine.travel(at, tick=False):
        ask = factories.make_ask(user=user, **values)
    for state, later in steps:
        with time_machine.travel(at + timedelta(days=later), tick=False):
            given = {"reason": "Because", "evidence_url": "https://example.org/a" if state == "delivered" else ""}
            asks.advance(ask, state, user, **given)
    db.session.commit()
    return ask


@pytest.fixture
def story(app, oscar, alice):
    """Seven asks: two won, one declined, one lapsed, three open."""
    money = {"category": "resources", "unit": "usd", "seen_by": "members"}
    make([("made", 1), ("agreed", 11)], 100, oscar, title="Fund", owner_id=oscar.id, value=Decimal(25000), **money)
    won = [("made", 0), ("agreed", 4), ("delivered", 9)]
    make(won, 50, oscar, title="Grant", owner_id=alice.id, value=Decimal("500.50"), **money)
    make([("made", 0), ("declined", 1)], 20, oscar, title="Loan", owner_id=oscar.id, **money)
    make([("lapsed", 1)], 20, oscar, title="Rooms", owner_id=oscar.id, **money)
    make([("made", 1)], 40, oscar, title="Speak", owner_id=oscar.id, due_on=date(2026, 11, 1))
    make((), 200, oscar, title="Write", owner_id=alice.id)
    make((), 5, oscar, title="Endorse", category="leverage")


def collect(wanted=None, user=None):
    with time_machine.travel(NOON, tick=False):
        return figures.collect(wanted or {}, TODAY, user)


def test_the_figures_of_all_asks(story):
    total = collect().total
    assert (total.asked, total.open, total.won, total.overdue) == (7, 3, 2, 1)
    assert total.win_rate == 67  # Two of three answers.
    assert total.median_days == 7  # Of ten and four.


def test_the_figures_by_category_and_owner(story, oscar):
    report = collect()
    lines = {line.label: line for line in report.categories}
    assert [lines[name].asked for name in ("Visibility", "Leverage", "Resources")] == [2, 1, 4]
    assert lines["Visibility"].win_rate is None and lines["Visibility"].median_days is None
    owners = {line.label: (line.asked, line.open, line.won, line.overdue) for line in report.owners}
    assert owners == {"Oscar Organizer": (4, 1, 1, 1), "Alice Admin": (2, 1, 1, 0), "Nobody": (1, 1, 0, 0)}


def test_open_asks_by_age_count_what_is_agreed_and_not_delivered(story):
    assert collect().ages == [("Up to 30 days", 1), ("31 to 90 days", 1), ("91 to 180 days", 1), ("Over 180 days", 1)]


def test_what_was_won_has_its_unit_and_what_came_already(story):
    make([("made", 0), ("agreed", 1)], 3, title="Panel")
    make([("made", 0), ("agreed", 1)], 3, title="Radio", unit="people", value=Decimal(4000))
    found = [(one.category, one.unit, one.asks, one.agreed, one.delivered) for one in collect().gains]
    assert found == [
        ("visibility", "people", 1, 4000, 0),
        ("visibility", "", 1, 0, 0),
        ("resources", "usd", 2, 25000, Decimal("500.50")),
    ]


def test_an_ask_that_was_taken_back_counts_by_its_first_agreement_and_a_declined_one_not(story):
    make([("made", 0), ("agreed", 2), ("made", 3), ("agreed", 30)], 60, title="Again", category="leverage")
    make([("made", 0), ("agreed", 2), ("declined", 3)], 60, title="Withdrawn", category="leverage")
    line = collect().categories[1]
    assert (line.label, line.won, line.median_days, line.win_rate) == ("Leverage", 1, 2, 50)


def test_a_filter_of_the_ledger_holds_for_the_report(story):
    report = collect({"category": "resources", "state": "declined"})
    assert report.total.asked == 1 and report.gains == [] and sum(number for _, number in report.ages) == 0


def test_members_see_figures_of_what_they_see_alone(story):
    other = factories.make_user("organizer")
    other.organization_id = factories.make_organization("North", is_member=True).id
    make([("made", 0), ("agreed", 1)], 3, title="Secret", category="resources", unit="usd", value=Decimal(9))
    db.session.commit()
    assert collect(user=other).total.asked == 7 and collect().total.asked == 8


def test_the_page_shows_charts_with_their_tables_and_leads_to_the_asks(story, as_bob, oscar):
    page = as_bob.page("/staff/asks/report").text
    for words in ("What was won", "25,000", "500.5", "US dollars", "67 %", "Over 180 days", "Oscar Organizer"):
        assert words in page
    assert page.count("data-chart=") == 3 and page.count("The numbers as a table") == 3
    assert f"/staff/asks/?owner={oscar.id}" in page and "/staff/asks/?category=leverage" in page
    assert "Asks as CSV" not in page
    page = as_bob.page("/staff/asks/report?state=declined").text
    assert "State: Declined" in page and "Nothing yet" in page
    assert "No asks to report on" in as_bob.page("/staff/asks/report?q=nowhere").text


def read(text):
    return list(csv.reader(io.StringIO(text)))


def test_the_figures_as_a_file(story, as_bob):
    answer = as_bob.get("/staff/asks/report.csv")
    rows = read(answer.text)
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    assert rows[1] == ["all", "All asks", "7", "2", "1", "1", "1", "1", "1", "1", "67", "7"]
    assert ["won", "Resources", "US dollars", "2", "25000", "500.5"] in rows


def test_the_asks_as_a_file_that_no_spreadsheet_runs(story, as_oscar, as_bob, oscar):
    payer = factories.make_organization("Harbor")
    make((), 0, oscar, title="=1+1", lobbying="direct", bill="@HR 1", paid_by_id=payer.id, hours=Decimal("2.50"))
    rows = read(as_oscar.post("/staff/asks/export?q=1%2B1").text)
    [told] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert (told["ask"], told["bill"], told["lobbying"]) == ("'=1+1", "'@HR 1", "Direct lobbying")
    assert (told["paid_by"], told["hours"], told["state"]) == ("Harbor", "2.5", "Planned")
    assert db.session.query(AuditEntry).filter_by(verb="export", thing="ask").one().actor == oscar.email
    assert len(read(as_oscar.post("/staff/asks/export").text)) == 9
    as_bob.send("/staff/asks/export", status=403)


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def book(answer):
    """Return by sheet the rows as the file holds them: texts, and numbers (days since 1899 where it is a date)."""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        names = [one.get("name") for one in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        pages = [packed.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
    return {
        name: [_cells(row) for row in ElementTree.fromstring(page).iter(f"{MAIN}row")]
        for name, page in zip(names, pages, strict=True)
    }


def _cells(row):
    """Return the cells of a row by their column, those that are missing as "", up to the last that is there."""
    found = {}
    for cell in row:
        text = "".join(cell.itertext())
        assert cell.get("t") in (None, "inlineStr"), cell.attrib
        found[ord(cell.get("r")[0]) - 65] = text if cell.get("t") else float(text)
    return [found.get(place, "") for place in range(max(found) + 1)]


def _days(day):
    return (day - date(1899, 12, 30)).days


def test_the_figures_as_a_spreadsheet(story, as_bob):
    answer = as_bob.get("/staff/asks/report.xlsx")
    assert answer.mimetype == sheets.MIMETYPE and ".xlsx" in answer.headers["Content-Disposition"]
    found = book(answer)
    assert list(found) == ["Asks", "Won", "Age"]
    assert found["Asks"][1] == ["all", "All asks", 7, 2, 1, 1, 1, 1, 1, 1, 67, 7]
    assert ["won", "Resources", "US dollars", 2, 25000, 500.5] in found["Won"]
    assert ["age", "Over 180 days", 1] in found["Age"]


def test_the_asks_as_a_spreadsheet_whose_texts_stay_text_and_whose_numbers_are_numbers(story, as_oscar, as_bob, oscar):
    title = '=HYPERLINK("https://evil.example")'
    link = "https://example.org/" + "a" * 100
    due = date(2026, 12, 24)
    make((), 0, oscar, title=title, bill="@HR 1", hours=Decimal("2.50"), value=Decimal(1200), unit="usd", due_on=due)
    long = make((), 0, oscar, title="https://example.org/x\x0b1")
    long.outcome, long.evidence_url = "x" * 40_000, link
    db.session.commit()
    answer = as_oscar.post("/staff/asks/export.xlsx")
    [(_, rows)] = book(answer).items()
    told = [dict(itertools.zip_longest(rows[0], row)) for row in rows[1:]]
    [first] = [row for row in told if row["ask"] == title]
    assert (first["bill"], first["hours"], first["value"], first["due"]) == ("@HR 1", 2.5, 1200, _days(due))
    assert first["created"] > _days(date(2026, 1, 1)) and isinstance(first["id"], float)
    [second] = [row for row in told if str(row["ask"]).startswith("https://example.org/x")]
    assert len(second["outcome"]) == sheets.LONGEST and second["evidence"] == link
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        page = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page and "hyperlink" not in page and 'state="frozen"' in page and "<col " in page
    entry = db.session.query(AuditEntry).filter_by(verb="export", thing="ask").one()
    assert (entry.actor, entry.changes["kind"]) == (oscar.email, "xlsx")
    as_bob.send("/staff/asks/export.xlsx", status=403)
    page = as_oscar.page("/staff/asks/report").text
    assert (
        "Figures as XLSX" in page
        and "Asks as XLSX" in page
        and "Asks as XLSX" not in as_bob.page("/staff/asks/report").text
    )


def test_a_member_finds_nothing_of_another_in_a_spreadsheet(story, client_of, oscar):
    other = factories.make_user("organizer", organization_id=factories.make_organization("North", is_member=True).id)
    make((), 3, oscar, title="Secret", category="resources", unit="usd")
    for answer in (client_of(other).post("/staff/asks/export.xlsx"), client_of(other).get("/staff/asks/report.xlsx")):
        assert answer.status_code == 200 and "Secret" not in str(book(answer))


def test_a_large_book_takes_no_more_memory_than_a_small_one():
    def peak(number):
        rows = ([n, "An ask with some words in it", date(2026, 1, 1), Decimal("1.5")] for n in range(number))
        tracemalloc.start()
        with tempfile.TemporaryFile() as file:
            sheets.write(file, [sheets.Sheet("Asks", [("a", 8), ("b", 30), ("c", 12), ("d", 12)], rows)])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(8000) < peak(800) + 2_000_000
