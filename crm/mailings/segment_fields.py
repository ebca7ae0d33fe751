"""What segments can ask of the mailings that a contact got, as far as their copies are kept (KEEP_DELIVERIES_DAYS)."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select

from crm.base import clock
from crm.base.forms import row_number
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts.models import Contact
from crm.contacts.segment_tests import among, is_or_not, of_last_row, of_number, span, within
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Suppression
from crm.extensions import db
from crm.mailings import copies, naming
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import PersonalClick

GROUP = "Mailings"
LATELY = 30  # days
OFFERED = 200  # mailings, the newest
KEPT = "As far as copies are kept: see KEEP_DELIVERIES_DAYS in the settings of the installation."
AGREED = "Only of those who agreed to be seen; who did not is never among them."
CLICKS = select(PersonalClick.contact_id)
BOUNCES = {
    "hard": "The address does not exist",
    "soft": "Put off for now, e.g. the mailbox is full",
    "complaint": "Marked our mail as spam",
}
REASONS = {"hard": "hard_bounce", "complaint": "complaint"}


def register() -> None:
    """Offer the fields."""
    fields = {
        "got_mailing": SegmentField("Got mailing", "choice", _got, _mailings, KEPT, named=_named),
        "mailed": SegmentField("Last got a mailing", "date", _mailed, help=KEPT),
        "mailings_lately": SegmentField(f"Mailings in the last {LATELY} days", "number", _lately),
        "clicked_mailing": SegmentField("Clicked in mailing", "choice", _clicked, _mailings, AGREED, named=_named),
        "clicked": SegmentField("Last clicked", "date", of_last_row(CLICKS, PersonalClick.last_at), help=AGREED),
        "bounced": SegmentField("Mail came back", "choice", _bounced, lambda: [*BOUNCES.items()]),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group=GROUP))


def _got(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(copies.of_mailing(row_number(value)), test)


def _clicked(test: str, value: str) -> ColumnElement[bool]:
    followed = CLICKS.join(MailingLink, MailingLink.id == PersonalClick.link_id)
    return is_or_not(followed.where(MailingLink.mailing_id == row_number(value)), test)


def _mailings() -> list[tuple[str, str]]:
    query = _released().order_by(Mailing.released_at.desc(), Mailing.id.desc()).limit(OFFERED)
    return [(str(one.id), naming.told(one.subject, one.released_at)) for one in db.session.execute(query)]


def _named(value: str) -> str:
    found = db.session.execute(_released().where(Mailing.id == row_number(value))).first()
    return naming.told(found.subject, found.released_at) if found else ""


def _released() -> Select[int, str, datetime | None]:
    columns = (Mailing.id, Mailing.subject, Mailing.released_at)
    return select(*columns).where(Mailing.messages.any(), Mailing.released_at.is_not(None))


def _mailed(test: str, value: str) -> ColumnElement[bool]:
    if test in ("empty", "filled"):
        return among(copies.sent(), test == "filled")
    first, end = span("last_days" if test == "not_last_days" else test, value)
    if test == "not_last_days":
        return among(copies.sent(first), False)
    if first is None:  # The last one was before that.
        return among(copies.sent()) & among(copies.sent(end), False)
    return among(copies.sent(first).where(*within(Delivery.sent_at, (None, end))))


def _lately(test: str, value: str) -> ColumnElement[bool]:
    return of_number(copies.sent(clock.now() - timedelta(days=LATELY)))(test, value)


def _bounced(test: str, value: str) -> ColumnElement[bool]:
    """By the bounce itself, or by the block that it left, which outlives it."""
    came_back = select(Bounce.id).where(Bounce.address_hash == Contact.address_hash, Bounce.address_hash != "")
    blocked = select(Suppression.list_id).where(Suppression.address_hash == Contact.address_hash)
    found = [came_back.where(Bounce.kind == value), blocked.where(Suppression.reason == REASONS.get(value, ""))]
    bounced = or_(*(one.correlate(Contact).exists() for one in found))
    return ~bounced if test == "is_not" else bounced
