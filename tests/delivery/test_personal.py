"""Personal letters: a supporter's name as the sender, answers to the supporter, and a pace for each office."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial

import pytest
from sqlalchemy import create_engine, insert, select

from crm.base import clock
from crm.delivery import outbox, rates
from crm.delivery.compiled import Content, compile_content
from crm.delivery.ledger import Ledger
from crm.delivery.letter import Result
from crm.delivery.models import Delivery, SendingLimit
from crm.extensions import db
from tests.databases import until_somebody_waits
from tests.delivery.test_rates import after, full

SENDER = "{{ sender_name }} <letters@bridgeway.example>"
OFFICE, OTHER = "clerk@office.example", "clerk@other.example"
HOUR = timedelta(hours=1)


def write() -> outbox.Message:
    headers = {"Auto-Submitted": "no"}
    content = {"sender": SENDER, "kind": "personal", "headers": headers, "reply_to": "{{ reply_to }}"}
    return outbox.write("{{ subject }}", "", "{{ text }}", **content)


def queue(address: str, *names: str, about: str = "") -> int:
    message = write()
    for name in names:
        merge = {"sender_name": name, "reply_to": f"{name.lower()}@mail.example", "subject": "Bus 7", "text": "Dear"}
        outbox.queue(message, address, occasion=name, about=about, merge=merge)
    db.session.commit()
    return message.id


def test_a_letter_comes_from_the_supporter_by_our_address_and_is_answered_to_the_supporter(app, deliver):
    queue(OFFICE, "Amina")
    (mail,) = deliver()
    letter = mail.message
    assert letter["From"].addresses[0].display_name == "Amina"
    assert letter["From"].addresses[0].addr_spec == "letters@bridgeway.example"
    assert letter["Reply-To"] == "amina@mail.example"
    assert (letter["Precedence"], letter["List-Unsubscribe"], letter["Auto-Submitted"]) == (None, None, "no")


NAMES = ["A\r\nBcc: evil@mail.example", "نور 🕊️", 'B "<x@evil.example>" \\', "\u2028C", "=?utf-8?Q?=0A?="]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_name_somebody_gives_stays_a_name(name):
    content = Content("{{ subject }}", "", "{{ text }}", SENDER, "personal", reply_to="{{ reply_to }}")
    values = {"sender_name": name, "reply_to": "a@mail.example", "subject": "x\r\nCc: y", "text": "Dear\r\n.\r\nX: 1"}
    wire = compile_content(content).render(b"To: clerk@office.example\r\n", values)
    letter = message_from_bytes(wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), policy=policy.default)
    assert [letter["Bcc"], letter["Cc"], letter["X"]] == [None] * 3
    (sender,) = letter["From"].addresses
    assert sender.addr_spec == "letters@bridgeway.example"
    assert letter["Reply-To"] == "a@mail.example"


def test_a_pace_to_one_office_holds_its_letters_alone(app, deliver):
    queue(OFFICE, "Amina", "Bo", "Carla")
    queue(OTHER, "Amina", "Bo")
    full("address", OFFICE)
    assert sorted(mail.recipient for mail in deliver()) == [OFFICE, OTHER, OTHER]
    assert deliver() == []
    after(timedelta(minutes=1, seconds=1))
    assert [mail.recipient for mail in deliver()] == [OFFICE]


def test_a_confirmation_never_waits_for_the_pace_of_letters(app, deliver):
    queue(OFFICE, "Amina", "Bo")
    full("address", OFFICE)
    deliver()
    message = outbox.write("Please confirm", "", "x", sender="news@bridgeway.example")
    outbox.queue(message, OFFICE)
    db.session.commit()
    assert len(deliver()) == 1


def test_what_is_settled_cancels_its_letters_and_later_ones_do_not_wait_behind_them(app, deliver):
    queue(OFFICE, *(f"N{n}" for n in range(30)), about="ask:1")
    full("address", OFFICE)
    deliver()
    assert outbox.cancel_about("ask:1") == 29
    db.session.commit()
    rates.let_go()
    queue(OFFICE, "Later")
    after(timedelta(minutes=1, seconds=1))
    assert len(deliver()) == 1
    states = db.session.scalars(select(Delivery.state)).all()
    assert (states.count("canceled"), states.count("sent")) == (29, 2)


def test_a_letter_that_could_not_be_sent_gives_the_pace_of_its_office_back(app):
    queue(OFFICE, "Amina", "Bo")
    full("address", OFFICE)
    ledger = Ledger(db.engine, "worker-1", 120, 10, b"key")
    (letter,) = ledger.turn([], 10)
    assert [one.id for one in ledger.turn([Result(letter, "unsent")], 10)] == [letter.id]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has one writer at a time.
def test_who_paces_letters_to_one_office_holds_up_none_to_another(app):
    queue(OFFICE, "Amina")
    queue(OTHER, "Bo")
    for address in (OFFICE, OTHER):
        full("address", address)
    impatient = create_engine(db.engine.url, connect_args={"options": "-c lock_timeout=1000"})
    ledger = Ledger(impatient, "worker-1", 120, 10, b"key")
    with db.engine.connect() as another:
        another.execute(select(SendingLimit).where(SendingLimit.name == OFFICE).with_for_update())
        assert [letter.address for letter in ledger.turn([], 10)] == [OTHER]
    assert ledger.turn([], 10) == []
    after(timedelta(seconds=2))
    assert [letter.address for letter in ledger.turn([], 10)] == [OFFICE]
    impatient.dispose()


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has one writer at a time.
@pytest.mark.parametrize("act", [rates.book_anew, rates.forget, partial(rates.pace, per_hour=9)])
def test_who_changes_limits_and_who_gives_letters_back_do_not_wait_for_each_other_in_a_circle(app, act):
    queue(OTHER, "Amina")
    queue(OFFICE, "Bo")
    letters = Ledger(db.engine, "worker-1", 120, 10, b"key").turn([], 10)
    first, second = sorted(letters, key=lambda letter: letter.address)
    names = [("address", OTHER), ("address", OFFICE), ("domain", "other.example")]
    facts = {"per_hour": 60, "free_from": clock.now() - HOUR, "booked_until": clock.now() + HOUR, "stale": False}
    db.session.execute(insert(SendingLimit), [{"scope": scope, "name": name, **facts} for scope, name in names])
    db.session.commit()
    done = []

    def change():
        with app.app_context():
            act([OTHER, OFFICE])
            db.session.commit()
            db.session.remove()
            done.append(True)

    other = threading.Thread(target=change)
    with db.engine.begin() as turn:
        held = rates.Rates(turn, clock.now(), locked=True)
        held.refund([first])
        other.start()
        until_somebody_waits(db.engine)
        held.refund([second])
        held.save()
    other.join(10)
    assert done
