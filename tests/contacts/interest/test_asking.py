"""Still interested? Who is asked, who rests, and how one comes back."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock
from crm.contacts.interest import asking
from crm.contacts.interest.models import InterestQuestion
from crm.contacts.models import ConsentRecord, Contact
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import audience
from tests import factories
from tests.mailings.makers import make_mailing


def person(address: str, days: int = 400, state: str = "active", **values) -> Contact:
    """Somebody who confirmed so many days ago, and has chosen nothing since."""
    then = clock.now() - timedelta(days=days)
    contact = factories.make_contact(address, topics={"action-alerts": state}, confirmed_at=then, **values)
    consent(contact, at=then)
    return contact


def consent(contact: Contact, **values) -> None:
    proof = {"purpose": "sign_up", "method": "double_opt_in", "evidence": {}, **values}
    factories.add(ConsentRecord(contact_id=contact.id, address_hash="x", act="given", **proof))
    db.session.commit()


@pytest.fixture
def silent(app) -> Contact:
    asking.turn(True)
    return person("silent@mail.example")


def ask() -> int:
    number = asking.ask_due()
    db.session.commit()
    return number


def rest() -> None:
    with time_machine.travel(clock.now() + timedelta(days=31)):
        asking.settle()
        db.session.commit()


def states() -> dict[str, str]:
    rows = select(Contact.email, InterestQuestion.state).join(Contact, Contact.id == InterestQuestion.contact_id)
    return dict(db.session.execute(rows).all())


def reached() -> int:
    return audience.reach(make_mailing()).recipients


def link(address: str = "silent@mail.example") -> str:
    merge = db.session.scalar(select(Delivery.merge).where(Delivery.address == address))
    return merge["stay_url"].partition(".example")[2] or merge["stay_url"].split("/", 3)[3]


def test_nobody_is_asked_unless_it_is_turned_on(app):
    person("silent@mail.example")
    assert ask() == 0


def test_only_who_has_done_nothing_for_a_year_is_asked_and_once(silent):
    person("new@mail.example", days=300)
    person("left@mail.example", state="unsubscribed")
    chose = person("chose@mail.example")
    consent(chose, method="preference_page")
    assert (ask(), ask()) == (1, 0)
    assert states() == {"silent@mail.example": "asked"}


def test_the_letter_is_in_the_language_of_its_reader_and_leads_to_the_page(app):
    asking.turn(True)
    person("es@mail.example", language="es")
    ask()
    message = db.session.scalars(select(Message)).one()
    assert message.subject == "¿Seguimos escribiéndole?"
    assert "{{ stay_url }}" in message.html
    assert "{{ stay_url }}" in message.text


def test_who_does_not_answer_rests_and_gets_no_mailing(silent):
    ask()
    assert reached() == 1
    rest()
    assert states() == {"silent@mail.example": "rests"}
    assert reached() == 0


def test_who_says_yes_stays_even_later(silent, client):
    ask()
    rest()
    address = link()
    page = client.get(address)
    assert "Yes, keep writing to me" in page.text
    assert states() == {"silent@mail.example": "rests"}
    assert "You go on getting our mail" in client.post(address).text
    assert states() == {"silent@mail.example": "stays"}
    assert reached() == 1


def test_who_chooses_something_meanwhile_is_not_let_rest(silent):
    ask()
    consent(silent, method="preference_page")
    rest()
    assert states() == {"silent@mail.example": "stays"}


def test_who_rests_comes_back_by_signing_up_again(silent):
    ask()
    rest()
    consent(silent)
    assert reached() == 1


def test_who_signed_up_again_is_counted_among_those_who_stay_and_asked_again_a_year_later(silent, as_alice):
    ask()
    rest()
    person("other@mail.example")
    ask()
    rest()
    consent(silent)
    assert "Rest: </span>1</a>" in as_alice.get("/staff/people/interest/").text
    assert "silent@mail.example" not in as_alice.get("/staff/people/?resting=yes").text
    assert asking.counts()["stays"] == 1
    with time_machine.travel(clock.now() + timedelta(days=360)):
        assert ask() == 0
    with time_machine.travel(clock.now() + timedelta(days=370)):
        assert ask() == 1
        assert states() == {"silent@mail.example": "asked", "other@mail.example": "rests"}


def test_a_year_later_who_stayed_is_asked_again(silent, client):
    ask()
    client.post(link())
    with time_machine.travel(clock.now() + timedelta(days=366)):
        assert ask() == 1


def test_a_forged_link_opens_nothing(app, client):
    assert client.get("/stay/abc").status_code == 404
    assert client.post("/stay/abc").status_code == 404


def test_the_page_of_staff_turns_it_on_and_its_number_opens_who_rests(silent, as_alice):
    ask()
    rest()
    page = as_alice.get("/staff/people/interest/").text
    assert "People are asked." in page
    assert "Rest: </span>1</a>" in page
    assert "silent@mail.example" in as_alice.get("/staff/people/?resting=yes").text
    as_alice.post("/staff/people/interest/", data={"on": "no"})
    assert not asking.is_on()
