"""Mailings that went out, with what came of them."""

from datetime import timedelta
from typing import Any

from crm.base import clock
from crm.contacts import sources
from crm.contacts.models import Contact
from crm.contacts.sources import Trail
from crm.delivery import suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink, MailingMessage
from crm.mailings.reading.models import MailingClick
from tests import factories
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_mailing

OWN = "http://crm.example"


def make_sent(people: list[Contact], *, language: str = "en", days_ago: float = 2, **values: Any) -> Mailing:
    """A mailing that these people got."""
    at = clock.now() - timedelta(days=days_ago)
    mailing = make_mailing(**values)
    mailing.state, mailing.released_at, mailing.frozen_at, mailing.finished_at = "finished", at, at, at
    add_text(mailing, people, language)
    for number, url in enumerate((f"{OWN}/signup", "https://bill.example/"), 1):
        mailing.links.append(MailingLink(number=number, url=url))
    db.session.commit()
    return mailing


def add_text(mailing: Mailing, people: list[Contact], language: str, variant: str = "") -> None:
    message = make_message(kind="bulk")
    message.created_at = mailing.released_at
    mailing.messages.append(MailingMessage(message_id=message.id, language=language, variant=variant))
    for person in people:
        factories.add(
            Delivery(
                message_id=message.id,
                address=person.email,
                uuid=f"{message.id}-{person.id}",
                contact_id=person.id,
                state="sent",
                next_attempt_at=mailing.released_at,
                sent_at=mailing.released_at,
            )
        )
    db.session.commit()


def copy_of(mailing: Mailing, person: Contact) -> Delivery:
    here = Delivery.message_id.in_(mailing.message_ids)
    return db.session.query(Delivery).filter(here, Delivery.contact_id == person.id).one()


def came_back(
    mailing: Mailing, person: Contact, kind: str = "hard", effect: str = "suppressed", source: str = "mail"
) -> None:
    copy = copy_of(mailing, person)
    values = {"message_id": copy.message_id, "delivery_id": copy.id, "source": source, "kind": kind, "effect": effect}
    number = db.session.query(Bounce).count()
    factories.add(Bounce(digest=str(number), address_hash=suppression.address_hash(copy.address), **values))
    db.session.commit()


def clicked(mailing: Mailing, people: int, clicks: int = 0, *, link: int = 1, hours: int = 0, **about: Any) -> None:
    row = next(one for one in mailing.links if one.number == link)
    hour = mailing.released_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    numbers = {"clicks": clicks or people, "visitors": people, "newcomers": people}
    place = {"link_id": row.id, "hour": hour, "language": "en", "variant": "", "robot": False}
    db.session.add(MailingClick(**(place | numbers | about)))
    db.session.commit()


def made_source(**trail: str) -> int:
    return sources.of_visit(Trail(**trail))


def joined(source_id: int, number: int = 1, days_ago: float = 1) -> list[Contact]:
    """People who came by that source and confirmed it."""
    at = clock.now() - timedelta(days=days_ago)
    found = [factories.make_contact(source_id=source_id, confirmed_at=at) for _ in range(number)]
    db.session.commit()
    return found
