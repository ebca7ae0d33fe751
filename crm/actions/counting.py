"""Signatures as goals count them, segments and sequences ask for them, and as a sign of interest."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all

from crm.actions import listing, signatures
from crm.actions.letters.models import Outreach
from crm.actions.models import Signature
from crm.actions.sign_on.counting import STANDS
from crm.actions.sign_on.models import SignOn
from crm.actions.submissions.models import Submission
from crm.base.acted import came_by
from crm.base.forms import row_number
from crm.base.people_filters import PeopleFilter, people_filters
from crm.base.registries import Days
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts import days
from crm.contacts.models import Contact
from crm.contacts.segment_tests import is_or_not, of_last_row, of_number
from crm.extensions import db

GROUP = "Actions"
COUNTS = Signature.withdrawn_at.is_(None)
ACTS = "Signed a petition, wrote, called, sent a form, or signed for an organization."


def register() -> None:
    """Offer to segments, and to the list of people, who signed."""
    mine = select(Signature.contact_id).where(COUNTS)
    fields = {
        "signed": SegmentField("Signed petition", "choice", _signed, choices, named=listing.choice_named),
        "last_signed": SegmentField("Last signed a petition", "date", of_last_row(mine, Signature.at)),
        "last_acted": SegmentField("Last took an action", "date", _of_acts, help=ACTS),
        "signatures": SegmentField("Number of petitions signed", "number", of_number(mine)),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group=GROUP))
    signed_from = PeopleFilter("Signed a petition on or after", "last_signed", "since", kind="date")
    people_filters.add("signed_from", signed_from)


def count(begin: datetime, end: datetime) -> int:
    """Return how many signatures that count were given between two moments."""
    query = select(func.count(Signature.id)).where(COUNTS, Signature.at >= begin, Signature.at < end)
    return db.session.scalar(query) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many were, by day and source."""
    return days.by_source(Signature.at, Signature.source_id, begin, end, COUNTS)


def by_sources(sources: Any) -> Select[Any, Any]:
    """Return the select of who signed by way of one of these sources, and when."""
    return select(Signature.contact_id, Signature.at).where(COUNTS, came_by(Signature.source_id, sources))


def signed() -> Select[Any, Any]:
    """Return the select of who signed, and when."""
    return select(Signature.contact_id, Signature.at).where(COUNTS)


def waiting() -> int:
    """Return how many comments wait for somebody to look at them."""
    query = select(func.count(Signature.id)).where(COUNTS, Signature.comment_state == signatures.WAITING)
    return db.session.scalar(query) or 0


def who(value: str, since: datetime) -> Select[Any, Any]:
    """Return the select of who signed that petition since then, and when."""
    mine = (Signature.action_id == row_number(value), COUNTS, Signature.at >= since)
    return select(Signature.contact_id, Signature.at).where(*mine)


def choices() -> list[tuple[str, str]]:
    """Return the petitions by number, the newest first."""
    return listing.choices("petition")


def since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition, over contacts, of having signed something since then."""
    return select(Signature.id).where(Signature.contact_id == Contact.id, Signature.at >= moment).exists()


def _acted() -> Any:
    """Return the select of each thing that somebody did and that stands: (contact id, moment)."""
    wrote = select(Outreach.contact_id, Outreach.at)
    sent = select(Submission.contact_id, Submission.at).where(Submission.withdrawn_at.is_(None))
    for_organizations = select(SignOn.contact_id, SignOn.at).where(SignOn.contact_id.is_not(None), STANDS)
    return union_all(signed(), wrote, sent, for_organizations).subquery()


def _of_acts(test: str, value: str) -> ColumnElement[bool]:
    acts = _acted()
    return of_last_row(select(acts.c.contact_id), acts.c.at)(test, value)


def _signed(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(select(Signature.contact_id).where(COUNTS, Signature.action_id == row_number(value)), test)
