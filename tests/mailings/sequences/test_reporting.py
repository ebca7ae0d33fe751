"""A step is told of like a mailing: on the sequence's page in numbers that open, and in a report of its own."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine

from crm.base import clock
from crm.contacts import leaving
from crm.contacts.click_consent.models import ClickConsent
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.reading.models import MailingClick, PersonalClick
from crm.mailings.sequences import counting, editing, living, running
from crm.mailings.sequences.models import Sequence
from tests import factories
from tests.influencers.reporting.test_report import book
from tests.mailings.report.makers import joined, made_source
from tests.mailings.sequences.makers import make_sequence, start

BEGIN = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)
OPENS = re.compile(r'<a href="(/staff/[^"]+)"><span[^>]*>([^<]+): </span>([\d,]+)</a>')


@pytest.fixture
def now(app):
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller


def confirm(*names: str) -> list[Contact]:
    found = [
        factories.make_contact(f"{name}@mail.example", topics={"action-alerts": "active"}, confirmed_at=clock.now())
        for name in names
    ]
    db.session.commit()
    return found


def pass_by(now: time_machine.Traveller, hours: float) -> None:
    """Let that many hours pass, at the end of which what is due is sent."""
    now.shift(timedelta(hours=hours))
    running.work()
    db.session.query(Delivery).filter_by(state="queued").update({"state": "sent", "sent_at": clock.now()})
    db.session.commit()


@pytest.fixture
def sequence(now) -> Sequence:
    """Two steps, three days apart. Amina got both, Bao came a week later, Carla left after the first one."""
    found = make_sequence([(0, None), (3, None)])
    found.steps[0].mailing.body = "Read [it](https://bill.example/)"
    db.session.commit()
    start(found)
    now.shift(timedelta(minutes=1))
    amina, carla = confirm("amina", "carla")
    pass_by(now, 1)
    leaving.unsubscribe(carla, None, method="unsubscribe_page", place="test")
    db.session.commit()
    pass_by(now, 80)
    confirm("bao")
    pass_by(now, 1)
    pass_by(now, 80)
    link = found.steps[0].mailing.links[0]
    place = {"link_id": link.id, "hour": BEGIN + timedelta(hours=7), "language": "en", "robot": False}
    db.session.add(MailingClick(**place, variant=f"v{found.steps[0].sent_version}", clicks=3, visitors=2, newcomers=2))
    factories.add(ClickConsent(contact_id=amina.id, key="k"))
    at = BEGIN + timedelta(hours=7)
    db.session.add(PersonalClick(contact_id=amina.id, link_id=link.id, clicks=1, first_at=at, last_at=at))
    code = f"mailing-{found.steps[0].mailing_id}"
    joined(made_source(via=code, utm_campaign=code, utm_content=f"1-en-v{found.steps[0].sent_version}"))
    db.session.commit()
    return found


def test_each_number_of_a_step_opens_as_many_people(sequence, as_alice):
    page = as_alice.page(f"/staff/sequences/{sequence.id}").text
    told = {label: int(number) for _, label, number in OPENS.findall(page)}
    assert {label: told.get(f"{label} step 1") for label in ("Came to", "Waiting for", "Left before")} == {
        "Came to": 3,
        "Waiting for": None,
        "Left before": None,
    }
    assert (told["Sent, step 1"], told["Clicked, step 1"]) == (3, 2)
    assert (told["Came to step 2"], told["Sent, step 2"], told["Left before step 2"]) == (3, 2, 1)
    assert "1 no longer subscribed" in page
    assert {label: told[label] for label in ("On the way", "Had all steps", "Left")} == {
        "On the way": 0,
        "Had all steps": 2,
        "Left": 1,
    }
    for url, label, number in OPENS.findall(page):
        text = as_alice.page(unescape(url)).text
        rows = text.count("<tbody>") and text.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")
        more = sum(int(one) for one in re.findall(r"([\d,]+) more (?:was|were) counted", text))
        assert rows + more == int(number), (label, url)


def test_the_report_of_a_step_counts_from_each_own_copy(sequence, as_alice):
    path = f"/staff/mailings/{sequence.steps[0].mailing_id}/report"
    page = as_alice.page(path).text
    told = {label: int(number) for _, label, number in OPENS.findall(page)}
    assert (told["Delivered"], told["Clicked"], told["Acted"], told["Unsubscribed"]) == (3, 2, 1, 1)
    assert (told["Acted, English"], told["Acted, link 1"], told["Known by name"]) == (1, 1, 1)
    assert re.findall(r"report-part\">\s*<th[^>]*>([^<]+)<", page) == ["Signed up"]
    assert "Not compared with what is usual yet" in page and "Sequence <bdi>Welcome</bdi>, step 1" in page
    assert f'href="{path}">Its report' in as_alice.page(f"/staff/mailings/{sequence.steps[0].mailing_id}/review").text
    hours = re.search(r"after the own copy.*?</table>", page, re.DOTALL)[0]
    assert re.findall(r"<th[^>]*>(Hour \d+)</th><td[^>]*>1<", hours) == ["Hour 6"]
    sheets = book(as_alice.post(f"{path}/file", data={"as": "xlsx"}))
    assert ["Delivered", 3.0, "", 100.0] in sheets["People"] and ["Hour 6", 1.0] in sheets["Hours since the own copy"]
    assert as_alice.post(f"{path}/file", data={"as": "csv"}).status_code == 200


def test_who_leaves_a_week_after_the_own_copy_did_not_leave_because_of_it(sequence, now, client_of, alice):
    now.shift(timedelta(days=6, hours=23))
    for contact in db.session.query(Contact).filter(Contact.email.in_(["amina@mail.example", "bao@mail.example"])):
        leaving.unsubscribe(contact, None, method="unsubscribe_page", place="test")
    db.session.commit()
    page = client_of(alice).page(f"/staff/mailings/{sequence.steps[1].mailing_id}/report/unsubscribed").text
    assert "bao@" in page and "amina@" not in page


def test_the_texts_of_a_step_are_told_apart(sequence, now, as_alice):
    mailing = sequence.steps[0].mailing
    composing.save(mailing, {"body": "Better"}, version=mailing.version)
    living.publish(sequence.steps[0], sequence.steps[0].mailing.version)
    db.session.commit()
    confirm("dina")
    pass_by(now, 1)
    page = as_alice.page(f"/staff/mailings/{mailing.id}/report").text
    told = {label: int(number) for _, label, number in OPENS.findall(page)}
    assert (told["Delivered, Text 1"], told["Delivered, Text 2"], told["Clicked, Text 1"]) == (3, 1, 2)
    assert "dina@" in as_alice.page(f"/staff/mailings/{mailing.id}/report/delivered?version=v{mailing.version}").text


def test_who_was_through_before_a_step_was_added_never_came_to_it(sequence, now):
    step = editing.add_step(sequence, "alice@bridgeway.example")
    db.session.commit()
    assert counting.of(sequence).steps[step.id].came == 0
    confirm("dina")
    pass_by(now, 1)
    pass_by(now, 80)
    assert counting.of(sequence).steps[step.id].came == counting.of(sequence).steps[step.id].waiting == 1
