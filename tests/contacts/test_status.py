"""Active means mailable: the list, the segments and the command tell the same truth about an address."""

import json

import pytest
from sqlalchemy import insert, select

from crm.cli import main
from crm.contacts import listing, segments, status
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, filled_in

ALL = suppression.EVERY_LIST
# Address -> subscriptions, what blocks it, and the one word that this comes to.
PEOPLE = {
    "a": ({"research": "active"}, {}, "active"),
    "b": ({"research": "active", "webinars": "active"}, {"research": "unsubscribe"}, "active"),
    "c": ({"research": "active", "webinars": "pending"}, {"research": "unsubscribe"}, "pending"),
    "d": ({"research": "active"}, {"research": "unsubscribe"}, "unsubscribed"),
    "e": ({"research": "active"}, {ALL: "unsubscribe"}, "unsubscribed"),
    "f": ({"research": "active"}, {ALL: "hard_bounce"}, "blocked"),
    "g": ({"research": "pending"}, {ALL: "complaint"}, "blocked"),
    "h": ({}, {ALL: "hard_bounce"}, "blocked"),
    "i": ({}, {ALL: "unsubscribe"}, "none"),
    "j": ({"research": "pending"}, {}, "pending"),
    "k": ({"research": "unsubscribed"}, {}, "unsubscribed"),
    "l": ({}, {}, "none"),
    "m": ({"research": "active"}, {"webinars": "hard_bounce"}, "active"),
}


@pytest.fixture
def people(app):
    for letter, (topics, blocked, _) in PEOPLE.items():
        factories.make_contact(f"{letter}@mail.example", topics=topics)
        for list_id, reason in blocked.items():
            suppression.suppress(f"{letter.upper()}@mail.example", reason, list_id)
    db.session.add(Contact(first_name="Without address"))
    db.session.commit()


def of_status(word: str) -> str:
    return "".join(letter for letter, (_, _, standing) in PEOPLE.items() if standing == word)


def found(test: str, word: str) -> str:
    ids = segments.select({"op": "and", "not": False, "items": [{"field": "status", "test": test, "value": word}]})
    emails = db.session.scalars(select(Contact.email).where(Contact.id.in_(ids)))
    return "".join(sorted(email[0] for email in emails if email))


@pytest.mark.parametrize("word", status.WORDS)
def test_the_list_the_segments_and_the_command_agree_on_a_status(people, app, word):
    who = of_status(word)
    assert found("is", word) == who
    assert found("is_not", word) == "".join(sorted(set(PEOPLE) - set(who)))
    listed = [pair for batch in listing.in_batches(listing.definition({"status": word})) for pair in batch]
    assert "".join(contact.email[0] for contact, _ in listed if contact.email) == who
    assert {standing.word for _, standing in listed} == {word}
    result = app.test_cli_runner().invoke(main, ["contact", "list", "--json", "--status", word])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert "".join(row["email"][0] for row in rows if row["email"]) == who
    assert {row["status"] for row in rows} == {word}


def test_blocked_people_can_be_filtered_on_the_page_and_active_ones_are_without_them(people, as_bob):
    page = as_bob.page("/staff/people/?status=blocked").text
    assert "f@mail.example" in page
    assert "a@mail.example" not in page
    assert "f@mail.example" not in as_bob.page("/staff/people/?status=active").text


@pytest.mark.parametrize("way", ["sign-up", "insert", "change"])
def test_an_address_is_known_as_blocked_however_it_came_on_record(app, client, way):
    if way == "sign-up":
        filled_in(client)
    elif way == "insert":
        db.session.execute(insert(Contact), [{"email": "other@mail.example"}, {"email": AMINA}])
    else:
        contact = factories.make_contact("typo@mail.example")
        db.session.commit()
        contact.email = AMINA
    suppression.suppress(AMINA, "hard_bounce")
    db.session.commit()
    assert found("is", "blocked") == "a"
