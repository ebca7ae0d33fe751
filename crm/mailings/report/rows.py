"""The rows behind a number of the report, and how many it counts whom no row can tell, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from crm.base.acted import acted
from crm.base.pages import PER_PAGE, Page
from crm.contacts.models import Contact
from crm.delivery import pruned
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.comparing.deciding import NAMES
from crm.mailings.models import Mailing
from crm.mailings.report import acts, arrived, growth, leaving, origins
from crm.mailings.report.arrived import Copies

COPIES = {
    "delivered": "Delivered",
    "unsubscribed": "Unsubscribed",
    "complained": "Complained",
    "bounced": "Bounced",
    "held": "Held",
}
JOINED = "joined"
NAMELESS = "done by people who are no longer on record, or were never known by name"
COUNT: dict[str, Callable[[Copies], int]] = {
    "delivered": lambda copies: copies.delivered,
    "unsubscribed": lambda copies: copies.left,
    "complained": lambda copies: copies.complained,
    "bounced": lambda copies: copies.bounced,
    "held": lambda copies: copies.states["uncertain"],
}


@dataclass(frozen=True)
class Narrowed:
    """Which part of a number: of a language, a version (A or B) or a source; "" for all."""

    language: str = ""
    version: str = ""
    source: str = ""

    def messages(self, mailing: Mailing) -> list[int]:
        """Return the ids of the messages that are meant."""
        same = (one for one in mailing.messages if self.language in ("", one.language))
        return [one.message_id for one in same if self.version in ("", NAMES.get(one.variant))]


def names() -> dict[str, str]:
    """Return what can be opened, and its name."""
    done = {name: act.label for name, act in acted.items()}
    return {**COPIES, "acted": "Acted", **done, JOINED: "New supporters"}


def page(mailing: Mailing, name: str, narrowed: Narrowed, number: int) -> Page:
    """Return a page of rows: (contact id, address, moment, how often or what the mail server said)."""
    query = _query(mailing, name, narrowed)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // PER_PAGE)))
    rows = db.session.execute(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Page(rows, number, PER_PAGE, total)


def untold(mailing: Mailing, name: str, narrowed: Narrowed, told: int) -> str:
    """Return how many the number counts besides the rows that are told, and why, in words; "" for none."""
    if name in COPIES:
        if narrowed.source:
            return ""
        found = arrived.by_message(mailing)
        copies = arrived.together(found[one] for one in narrowed.messages(mailing))
        return pruned.told(max(0, COUNT[name](copies) - told))
    if name == JOINED:
        return ""
    done, kinds = acts.of(mailing)
    people = next((kind.people for kind in kinds if kind.name == name), done.people)
    return f"{people - told:,} more: {NAMELESS}." if people > told else ""


def people(rows: Page) -> dict[int, Contact]:
    """Return the contacts of a page by their ids."""
    ids = {row[0] for row in rows.rows if row[0] is not None}
    return {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(ids)))}


def _query(mailing: Mailing, name: str, narrowed: Narrowed) -> Select[Any]:
    if name in COPIES:
        return _copies(mailing, name, narrowed)
    if name == JOINED:
        ways = [growth.who(mailing, way) for way in growth.WAYS]
        contact_id, at = ways[0].union_all(*ways[1:]).subquery().c
        query = select(contact_id, Contact.email, at, literal("")).join(Contact, Contact.id == contact_id)
        return query.order_by(at.desc(), contact_id)
    done = acts.who(mailing, "" if name == "acted" else name).order_by(None).subquery()
    query = select(done.c.contact_id, Contact.email, done.c.at, done.c.times)
    query = query.join(Contact, Contact.id == done.c.contact_id)
    if narrowed.source:
        query = query.where(origins.of_source(narrowed.source))
    return query.order_by(done.c.at.desc(), done.c.contact_id)


def _copies(mailing: Mailing, name: str, narrowed: Narrowed) -> Select[Any]:
    messages = narrowed.messages(mailing)
    columns: list[Any] = [Delivery.contact_id, Delivery.address, Delivery.sent_at, Delivery.smtp_reply]
    query: Select[Any] = select(*columns).where(Delivery.message_id.in_(messages), _is(name, mailing, messages))
    if narrowed.source:
        query = query.join(Contact, Contact.id == Delivery.contact_id).where(origins.of_source(narrowed.source))
    return query.order_by(Delivery.id)


def _is(name: str, mailing: Mailing, messages: list[int]) -> ColumnElement[bool]:
    reports = Bounce.message_id.in_(messages)
    sent, back = Delivery.state == "sent", Delivery.id.in_(arrived.reported(reports, *arrived.CAME_BACK))
    return {
        "delivered": sent & ~back,
        "unsubscribed": sent & Delivery.contact_id.in_(leaving.after(mailing)),
        "complained": sent & Delivery.id.in_(arrived.reported(reports, *arrived.COMPLAINED)),
        "bounced": (sent & back) | (Delivery.state == "failed"),
        "held": Delivery.state == "uncertain",
    }[name]
