"""Organizations under letters, as goals and growth count them and segments ask for them.

Signing for an organization is the deed of who signs, and counts once the staff have accepted the organization.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.actions import listing
from crm.actions.sign_on.models import SignOn
from crm.actions.sign_on.signing import ACCEPTED, WAITING
from crm.base.acted import Act, acted, came_by
from crm.base.activities import activities
from crm.base.forms import row_number
from crm.base.registries import Days, Metric, metrics
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts import days
from crm.contacts.models import Contact
from crm.contacts.segment_tests import is_or_not, of_last_row
from crm.extensions import db

COUNTS = SignOn.state == ACCEPTED
STANDS = SignOn.state.in_((WAITING, ACCEPTED))
HELP = "The person who signed for an organization that the staff have accepted."


def register() -> None:
    """Enter them into goals, the credit of mailings and sources, segments, sequences, and signs of interest."""
    metrics.add("sign_ons", Metric("Organizations under letters", count, by_day))
    acted.add("sign_ons", Act("Signed for an organization", by_sources))
    activities.add("sign_ons", since)
    triggers.add(
        "signed_for", Trigger("Signed the letter for an organization", who, letters, named=listing.choice_named)
    )
    mine = _of_people(COUNTS).with_only_columns(SignOn.contact_id)
    fields = {
        "signed_for": SegmentField(
            "Signed letter for an organization", "choice", _signed, letters, HELP, named=listing.choice_named
        ),
        "last_signed_for": SegmentField(
            "Last signed for an organization", "date", of_last_row(mine, SignOn.at), help=HELP
        ),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group="Actions"))


def letters() -> list[tuple[str, str]]:
    """Return the letters of organizations by number, the newest first."""
    return listing.choices("sign_on")


def count(begin: datetime, end: datetime) -> int:
    """Return how many organizations that are accepted signed between two moments."""
    query = select(func.count(SignOn.id)).where(COUNTS, SignOn.at >= begin, SignOn.at < end)
    return db.session.scalar(query) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many of them did, by day and source."""
    return days.by_source(SignOn.at, SignOn.source_id, begin, end, COUNTS)


def by_sources(sources: Any) -> Select[Any, Any]:
    """Return the select of who signed for an organization by way of one of these sources, and when.

    Of a signer who was forgotten the organization stays: nobody is named then (NULL).
    """
    return select(SignOn.contact_id, SignOn.at).where(COUNTS, came_by(SignOn.source_id, sources))


def who(value: str, since: datetime) -> Select[Any, Any]:
    """Return the select of who signed that letter for an organization since then, and when first."""
    mine = _of_people(STANDS, SignOn.at >= since, SignOn.action_id == row_number(value))
    return mine.with_only_columns(SignOn.contact_id, func.min(SignOn.at)).group_by(SignOn.contact_id)


def since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition, over contacts, of having signed for an organization since then."""
    return select(SignOn.id).where(SignOn.contact_id == Contact.id, SignOn.at >= moment).exists()


def _of_people(*conditions: ColumnElement[bool]) -> Select[Any, Any]:
    return select(SignOn.contact_id, SignOn.at).where(SignOn.contact_id.is_not(None), *conditions)


def _signed(test: str, value: str) -> ColumnElement[bool]:
    mine = _of_people(COUNTS, SignOn.action_id == row_number(value)).with_only_columns(SignOn.contact_id)
    return is_or_not(mine, test)
