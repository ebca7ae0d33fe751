"""The page of bounces and complaints."""

import time_machine
from sqlalchemy import select, update

from crm.base import clock
from crm.delivery.bounces import retention
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import MailingMessage
from tests import factories
from tests.delivery.bounces.samples import ORDINARY, arrives, complaint, dsn, sent, verp
from tests.mailings.makers import make_mailing

HOSTILE = '550 5.1.1 <script>alert(1)</script> "onload=x" \' {{ 7*7 }}'


def a_week() -> dict[str, Delivery]:
    """Let one of each class come back."""
    people = {name: sent(f"{name}@mail.example") for name in ("hard", "soft", "block", "complaint")}
    arrives(dsn("5.1.1", HOSTILE, to=verp(people["hard"])))
    arrives(dsn("5.2.2", to=verp(people["soft"])))
    arrives(dsn("5.7.1", to=verp(people["block"])))
    arrives(complaint(f"Return-Path: <{verp(people['complaint'])}>"))
    arrives(dsn(recipient="carol@stranger.example"))
    arrives(ORDINARY.encode())
    return people


def test_it_lists_what_came_back_with_who_why_and_what_it_did(app, as_bob):
    people = a_week()
    contact = factories.make_contact("hard@mail.example")
    db.session.execute(update(Delivery).where(Delivery.id == people["hard"].id).values(contact_id=contact.id))
    page = as_bob.page("/staff/delivery/bounces/").text
    assert f'href="/staff/people/{contact.id}/"' in page
    assert "The address gets no more mail." in page and "5.2.2" in page and "5.7.1" in page
    assert "carol@stranger.example</bdi>, not found here" in page
    assert "<script>alert" not in page and "{{ 7*7 }}" in page


def test_a_letter_that_comes_back_from_its_target_says_nothing_of_who_wrote_it(app, as_bob):
    contact = factories.make_contact("amina@mail.example")
    copy = sent("clerk@city.example", kind="personal", list_id="")
    copy.contact_id = contact.id
    db.session.commit()
    arrives(dsn("5.1.1", HOSTILE, to=verp(copy)))
    number = db.session.scalars(select(Bounce.id)).one()
    for place in ("/staff/delivery/bounces/", f"/staff/delivery/bounces/{number}"):
        page = as_bob.page(place).text
        assert "clerk@city.example" in page and f"/staff/people/{contact.id}" not in page


def test_the_numbers_open_the_rows_behind_them(app, as_bob):
    a_week()
    page = as_bob.page("/staff/delivery/bounces/?kind=complaint").text
    assert "complaint@mail.example" in page and "soft@mail.example" not in page
    assert "2</a>" in as_bob.page("/staff/delivery/bounces/").text  # two hard ones, one of them nobody's


def test_one_report_shows_its_text_as_text(app, as_bob):
    a_week()
    number = db.session.scalars(select(Bounce.id).where(Bounce.kind == "hard").order_by(Bounce.id)).first()
    page = as_bob.page(f"/staff/delivery/bounces/{number}").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert "by the signed return address" in page
    as_bob.page("/staff/delivery/bounces/999999", status=404)


def test_a_mailing_leads_to_its_own_bounces(app, as_bob):
    people = a_week()
    mailing = make_mailing(state="finished", subject="The hearing")
    mailing.messages.append(MailingMessage(message_id=people["soft"].message_id, language="en"))
    db.session.commit()
    link = f"/staff/delivery/bounces/?mailing={mailing.id}"
    assert link in as_bob.page(f"/staff/mailings/{mailing.id}").text
    page = as_bob.page(link).text
    assert "soft@mail.example" in page and "hard@mail.example" not in page and "The hearing" in page


def test_the_page_of_a_blocked_person_leads_to_why(app, as_bob):
    contact = factories.make_contact("hard@mail.example")
    a_week()
    link = f"/staff/delivery/bounces/?contact={contact.id}"
    assert link in as_bob.page(f"/staff/people/{contact.id}/").text
    page = as_bob.page(link).text
    assert "{{ 7*7 }}" in page and "soft@mail.example" not in page
    as_bob.page("/staff/delivery/bounces/?contact=999999", status=404)


def test_an_empty_page_says_where_bounces_come_from(app, as_bob):
    assert "Nothing came back" in as_bob.page("/staff/delivery/bounces/").text


def test_after_30_days_the_words_are_forgotten_and_the_decision_stays(app):
    a_week()
    moment = clock.now()
    assert retention.forget_texts() == 0
    with time_machine.travel(moment.replace(year=moment.year + 1), tick=False):
        arrives(dsn(recipient="dora@stranger.example"))
        assert retention.forget_texts() == 6
        assert retention.forget_texts() == 0
    rows = db.session.scalars(select(Bounce).order_by(Bounce.id)).all()
    assert {(row.text, row.diagnostic, row.recipient) for row in rows[:6]} == {("", "", "")}
    assert rows[6].recipient == "dora@stranger.example"
    assert rows[0].effect == "suppressed"
