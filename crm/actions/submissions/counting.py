"""Forms that were sent: counted for goals and growth, asked for by segments and sequences, and a sign of interest."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.actions import listing
from crm.actions.submissions.models import Submission
from crm.base.acted import Act, acted, came_by
from crm.base.activities import activities
from crm.base.forms import row_number
from crm.base.registries import Days, Metric, metrics
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts import days
from crm.contacts.models import Contact
from crm.contacts.segment_tests import is_or_not, of_last_row, of_number
from crm.extensions import db

COUNTS = Submission.withdrawn_at.is_(None)


def register() -> None:
    """Enter them into goals, the credit of mailings and sources, segments, sequences, and signs of interest."""
    metrics.add("submissions", Metric("Forms sent", count, by_day))
    acted.add("submissions", Act("Sent a form", by_sources))
    activities.add("submissions", since)
    triggers.add("submitted", Trigger("Sent the form", who, forms, named=listing.choice_named))
    mine = select(Submission.contact_id).where(COUNTS)
    fields = {
        "sent_form": SegmentField("Sent form", "choice", _sent, forms, named=listing.choice_named),
        "last_sent_form": SegmentField("Last sent a form", "date", of_last_row(mine, Submission.at)),
        "forms_sent": SegmentField("Number of forms sent", "number", of_number(mine)),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group="Actions"))


def forms() -> list[tuple[str, str]]:
    """Return the forms by number, the newest first."""
    return listing.choices("form")


def count(begin: datetime, end: datetime) -> int:
    """Return how many forms that stand were sent between two moments."""
    query = select(func.count(Submission.id)).where(COUNTS, Submission.at >= begin, Submission.at < end)
    return db.session.scalar(query) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many were, by day and source."""
    return days.by_source(Submission.at, Submission.source_id, begin, end, COUNTS)


def by_sources(sources: Any) -> Select[Any, Any]:
    """Return the select of who sent a form by way of one of these sources, and when."""
    return select(Submission.contact_id, Submission.at).where(COUNTS, came_by(Submission.source_id, sources))


def who(value: str, since: datetime) -> Select[Any, Any]:
    """Return the select of who sent that form since then, and when first."""
    mine = (COUNTS, Submission.at >= since, Submission.action_id == row_number(value))
    return select(Submission.contact_id, func.min(Submission.at)).where(*mine).group_by(Submission.contact_id)


def since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition, over contacts, of having sent a form since then."""
    return select(Submission.id).where(Submission.contact_id == Contact.id, Submission.at >= moment).exists()


def _sent(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(select(Submission.contact_id).where(COUNTS, Submission.action_id == row_number(value)), test)
