"""A year of mailings with their numbers, what is usual among them, and the files of it."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.report import averages, figures
from crm.mailings.report.models import MailingFigures
from tests import factories
from tests.influencers.reporting.test_report import book
from tests.mailings.makers import make_people
from tests.mailings.report.makers import came_back, clicked, make_sent


@pytest.fixture
def mailings(app) -> list[Mailing]:
    """Four newsletters, followed by 1, 2, 4 and 10 of ten people; and a call to action."""
    people = make_people(10)
    found = [make_sent(people, subject=f"Letter {n}", days_ago=2 + n / 100) for n in (1, 2, 4, 10)]
    for mailing, number in zip(found, (1, 2, 4, 10), strict=True):
        clicked(mailing, number)
    other = make_sent(people, subject="=Call", kind="call_to_action")
    clicked(other, 8)
    came_back(other, people[0])
    return [*found, other]


def count_all() -> int:
    return figures.count_due()


def test_the_usual_is_the_median_of_the_others_of_its_kind(mailings, as_alice):
    assert averages.of(mailings[0]).mailings == 0
    assert count_all() == 5 and count_all() == 0
    usual = averages.of(mailings[0])
    assert (usual.mailings, usual.medians["clicked"]) == (3, 40.0)
    assert usual.compared("clicked", 10.0) == "−30.0"
    page = as_alice.page(f"/staff/mailings/{mailings[0].id}/report").text
    assert "Usual: the median of the 3 <a" in page and "others of its kind</a>" in page


def test_of_fewer_than_three_nothing_is_said(mailings, as_alice):
    mailings[1].finished_at = clock.now() - timedelta(days=366)
    mailings[2].state = "sending"
    db.session.commit()
    count_all()
    usual = averages.of(mailings[0])
    assert (usual.mailings, usual.medians, usual.compared("clicked", 10.0)) == (1, {}, "")
    text = as_alice.page(f"/staff/mailings/{mailings[0].id}/report").text
    assert "there is 1" in text and "Usual" not in text


def test_numbers_are_counted_anew_often_while_a_mailing_is_young(app):
    mailing = make_sent(make_people(2), days_ago=0)
    count_all()
    clicked(mailing, 1)
    with time_machine.travel(clock.now() + timedelta(minutes=9)):
        assert count_all() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert count_all() == 1
        assert db.session.get_one(MailingFigures, mailing.id).clicked == 1
    with time_machine.travel(clock.now() + timedelta(days=20)):
        assert count_all() == 1
    with time_machine.travel(clock.now() + timedelta(days=20, hours=20)):
        assert count_all() == 0


def subjects(page) -> list[str]:
    lines = page.text.split('<th scope="row"><a href="')[1:]
    return [line.split("<bdi>")[1].split("</bdi>")[0] for line in lines]


def test_a_year_of_mailings_is_sorted_and_filtered_by_links(mailings, as_bob):
    count_all()
    year = mailings[0].released_at.year
    path = f"/staff/mailings/report/?year={year}"
    assert subjects(as_bob.page(f"{path}&sort=clicked")) == ["Letter 10", "=Call", "Letter 4", "Letter 2", "Letter 1"]
    assert subjects(as_bob.page(f"{path}&sort=clicked&order=asc"))[0] == "Letter 1"
    assert subjects(as_bob.page(f"{path}&sort=delivered&order=asc"))[0] == "=Call"
    assert subjects(as_bob.page(f"{path}&kind=call_to_action")) == ["=Call"]
    campaign = factories.make_campaign()
    mailings[1].campaign_id = campaign.id
    db.session.commit()
    assert subjects(as_bob.page(f"{path}&campaign={campaign.id}")) == ["Letter 2"]
    assert "No mailing went out in 2001" in as_bob.page("/staff/mailings/report/?year=2001").text
    for wrong in ("year=99999999999", "year=x", "sort=evil", "kind=x&campaign=zz", "page=-1"):
        as_bob.page(f"/staff/mailings/report/?{wrong}")


def test_the_tables_go_out_formula_safe_and_into_the_audit(mailings, as_alice, as_bob):
    count_all()
    path = f"/staff/mailings/{mailings[4].id}/report/file"
    assert as_bob.post(path).status_code == 403
    answer = as_alice.post(path, data={"as": "csv"})
    tables = [list(csv.reader(io.StringIO(text))) for text in answer.text.split("\r\n\r\n")]
    assert [table[0][0] for table in tables][:3] == ["People", "Languages", "Links"]
    assert ["Delivered", "9", "", "90.0", ""] in tables[0] and ["Clicked", "8", "8", "88.89", ""] in tables[0]
    sheets = book(as_alice.post(path, data={"as": "xlsx"}))
    assert ["Delivered", 9.0, "", 90.0] in sheets["People"] and "Hours of the day" in sheets
    year = as_alice.post(f"/staff/mailings/report/file?year={mailings[0].released_at.year}").text
    assert "'=Call" in year and year.count("\r\n") == 6
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "export")).all()
    assert len(entries) == 3
