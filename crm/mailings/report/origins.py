"""The numbers of a mailing by where the people came from who got it: by the source of each contact.

Copies that are no longer kept, and those of people who are no longer on record, have none. Clicks are known by name of
those alone who agreed to it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.contacts.models import Contact, Source
from crm.contacts.segment_origins import KINDS
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import PersonalClick
from crm.mailings.report import acts, arrived, leaving

MOST = 25
UNKNOWN, OTHERS = "Unknown", "All others"
Key = tuple[str, str]
Numbers = Select[str | None, str | None, str, int]


@dataclass(frozen=True)
class Origin:
    """People of one source by what they did; `key` names it in addresses, "" for all others together."""

    key: str
    label: str
    kind: str
    numbers: Counter[str] = field(default_factory=Counter)

    @property
    def delivered(self) -> int:
        """To how many it was delivered."""
        return self.numbers["sent"] - self.numbers["returned"]

    @property
    def bounced(self) -> int:
        """Of how many it was refused or came back."""
        return self.numbers["failed"] + self.numbers["returned"]


def of(mailing: Mailing) -> list[Origin]:
    """Return the sources of those who got a mailing, the largest first, the smallest together as others."""
    found: dict[Key, Counter[str]] = {}
    for name, query in _queries(mailing).items():
        for kind, label, state, number in db.session.execute(query):
            key = (kind, label or "") if kind else ("", UNKNOWN)
            found.setdefault(key, Counter())[name or state] += number
    rows = [Origin(f"{kind}:{label}", label, KINDS.get(kind, ""), numbers) for (kind, label), numbers in found.items()]
    return _shortened(sorted(rows, key=lambda row: (-row.delivered, row.label)))


def of_source(key: str) -> ColumnElement[bool]:
    """Return the condition that a contact came by the sources of that key."""
    kind, _, label = key.partition(":")
    if not kind:
        return Contact.source_id.is_(None)
    return Contact.source_id.in_(select(Source.id).where(Source.kind == kind, Source.label == label))


def _queries(mailing: Mailing) -> dict[str, Numbers]:
    """Return by name what is counted: queries of (kind, label, state, number); "" where the state is the name."""
    reports = Bounce.message_id.in_(mailing.message_ids)
    back = Delivery.id.in_(arrived.reported(reports, *arrived.CAME_BACK))
    complained = Delivery.id.in_(arrived.reported(reports, *arrived.COMPLAINED))
    known = select(PersonalClick.contact_id).join(MailingLink, MailingLink.id == PersonalClick.link_id)
    acted = acts.who(mailing).order_by(None).subquery()
    return {
        "": _copies(mailing, Delivery.state.in_(["sent", "failed"])),
        "returned": _copies(mailing, Delivery.state == "sent", back),
        "complained": _copies(mailing, Delivery.state == "sent", complained),
        "unsubscribed": _people(leaving.who(mailing)),
        "clicked": _people(known.where(MailingLink.mailing_id == mailing.id)),
        "acted": _people(select(acted.c.contact_id)),
    }


def _copies(mailing: Mailing, *conditions: ColumnElement[bool]) -> Numbers:
    query = select(Source.kind, Source.label, Delivery.state, func.count()).select_from(Delivery)
    query = query.join(Contact, Contact.id == Delivery.contact_id).outerjoin(Source, Source.id == Contact.source_id)
    query = query.where(Delivery.message_id.in_(mailing.message_ids), *conditions)
    return query.group_by(Source.kind, Source.label, Delivery.state)


def _people(contact_ids: Select[Any]) -> Numbers:
    query = select(Source.kind, Source.label, func.max(""), func.count()).select_from(Contact)
    query = query.outerjoin(Source, Source.id == Contact.source_id).where(Contact.id.in_(contact_ids))
    return query.group_by(Source.kind, Source.label)


def _shortened(rows: list[Origin]) -> list[Origin]:
    rest: Counter[str] = Counter()
    for row in rows[MOST:]:
        rest.update(row.numbers)
    return [*rows[:MOST], *([Origin("", OTHERS, f"{len(rows) - MOST} more", rest)] if rest else [])]
