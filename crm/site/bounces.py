"""What came back lately, for staff: how many of each class, who, why, and what it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from crm.base import clock
from crm.base.pages import Page, paginate
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.delivery.bounces import attribution, classes, recording
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Message
from crm.delivery.rates import PERSONAL
from crm.extensions import db
from crm.mailings import texts
from crm.mailings.models import Mailing

RECENT = timedelta(days=30)
LABELS = {
    classes.HARD: "Hard bounces",
    classes.COMPLAINT: "Complaints",
    classes.BLOCK: "Refused as unwanted",
    classes.SOFT: "Soft bounces",
    classes.AUTO_REPLY: "Automatic replies",
    classes.NONE: "Other mail",
}
MEANINGS = {
    classes.HARD: "Nobody is at this address. Where it is one of ours, it gets no more mail.",
    classes.COMPLAINT: "Somebody marked our mail as spam. Where we know the address, it gets no more mail.",
    classes.BLOCK: "The mail server distrusts the sender or the text, not the address.",
    classes.SOFT: "Full, busy or unclear. Five in a row, over at least two weeks, end an address.",
    classes.AUTO_REPLY: "A vacation, a receipt or a challenge. Nothing follows from it.",
    classes.NONE: "No bounce, though it came where bounces come.",
}
WORDS = {
    classes.HARD: ("Hard", "bad"),
    classes.COMPLAINT: ("Complaint", "bad"),
    classes.BLOCK: ("Unwanted", "warn"),
    classes.SOFT: ("Soft", "warn"),
    classes.AUTO_REPLY: ("Automatic reply", ""),
    classes.NONE: ("Other mail", ""),
}
EFFECTS = {
    recording.SUPPRESSED: "The address gets no more mail.",
    recording.STREAK: "The fifth in a row: the address gets no more mail.",
    recording.COUNTED: "Counted.",
    recording.UNSUBSCRIBED: "The person was unsubscribed, as by the link.",
    recording.NOTHING: "Nothing.",
}
FOUND = {
    attribution.VERP: "by the signed return address",
    attribution.MESSAGE_ID: "by our Message-ID",
    attribution.METADATA: "by the mark of the mail provider",
    attribution.RECIPIENT: "by the recipient, whom we wrote to in the 30 days before",
    attribution.UNSUBSCRIBE: "by the signed address to unsubscribe at",
    attribution.LEDGER: "refused while it was sent",
    attribution.NONE: "nobody found",
}
SOURCES = {
    "mail": "a mail",
    "smtp": "the mail server",
    "ses": "Amazon SES",
    "postmark": "Postmark",
    "sendgrid": "SendGrid",
    "mailgun": "Mailgun",
}


@dataclass(frozen=True)
class Around:
    """What rows are about, as far as it still exists.

    contacts: ids of those whose copies came back; letters: ids of messages that contacts wrote to others, so that what
    came back says nothing of the contact; leavers: ids of those who asked to be unsubscribed, by their addresses;
    mailings: by the id of their message.
    """

    contacts: set[int]
    letters: set[int]
    leavers: dict[str, int]
    mailings: dict[int, Mailing]

    def person(self, row: Bounce) -> int | None:
        """Return the id of the contact whom a row is about."""
        if row.attribution == attribution.UNSUBSCRIBE:
            return self.leavers.get(row.recipient)
        contact_id = row.delivery.contact_id if row.delivery and row.message_id not in self.letters else None
        return contact_id if contact_id in self.contacts else None

    def address(self, row: Bounce) -> str:
        """Return the address that a row is known to be about, "" where nobody knows it (any more)."""
        if row.attribution == attribution.UNSUBSCRIBE:
            return row.recipient
        return row.delivery.address if row.delivery else ""


@dataclass(frozen=True)
class Scope:
    """All that came back in the last 30 days, or all of one mailing, or of one person's address."""

    mailing: Mailing | None = None
    contact: Contact | None = None

    @property
    def link(self) -> dict[str, int]:
        """The arguments of a link to it."""
        if self.mailing:
            return {"mailing": self.mailing.id}
        return {"contact": self.contact.id} if self.contact else {}

    def conditions(self) -> list[ColumnElement[bool]]:
        if self.mailing:
            return [Bounce.message_id.in_(self.mailing.message_ids)]
        if self.contact:
            return [Bounce.address_hash == suppression.address_hash(self.contact.email or "")]
        return [Bounce.created_at >= clock.now() - RECENT]


def counts(scope: Scope) -> list[tuple[str, str, str, int]]:
    """Return (class, label, meaning, number)."""
    query = select(Bounce.kind, func.count()).where(*scope.conditions()).group_by(Bounce.kind)
    found = {row.kind: row[1] for row in db.session.execute(query)}
    return [(kind, label, MEANINGS[kind], found.get(kind, 0)) for kind, label in LABELS.items()]


def rows(kind: str | None, scope: Scope, page: int) -> Page:
    """Return a page of what came back, perhaps of one class, the newest first."""
    query = select(Bounce).where(*scope.conditions()).options(selectinload(Bounce.delivery))
    query = query.where(Bounce.kind == kind) if kind else query
    return paginate(query.order_by(Bounce.created_at.desc(), Bounce.id.desc()), page)


def around(found: Sequence[Bounce]) -> Around:
    """Return what these rows are about."""
    people = {row.delivery.contact_id for row in found if row.delivery and row.delivery.contact_id}
    messages = {row.message_id for row in found if row.message_id}
    letters = set(db.session.scalars(select(Message.id).where(Message.id.in_(messages), Message.kind == PERSONAL)))
    contacts = set(db.session.scalars(select(Contact.id).where(Contact.id.in_(people))))
    asked = {row.recipient for row in found if row.attribution == attribution.UNSUBSCRIBE}
    leavers = db.session.execute(select(Contact.email, Contact.id).where(Contact.email.in_(asked)))
    return Around(contacts, letters, {row.email: row.id for row in leavers}, texts.mailings_of(messages))
