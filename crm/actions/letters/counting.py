"""Letters and calls as goals count them, segments and sequences ask for them, and as a sign of interest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.actions import listing
from crm.actions.letters.models import Outreach
from crm.actions.targets.channels import EMAIL, FORM, ORDER, PHONE
from crm.base.acted import Act, acted, came_by
from crm.base.activities import activities
from crm.base.forms import row_number
from crm.base.people_filters import PeopleFilter, people_filters
from crm.base.registries import Days, Metric, Support, metrics, supports
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts import days
from crm.contacts.constituents import doing
from crm.contacts.models import Contact
from crm.contacts.segment_tests import is_or_not, of_last_row, of_number
from crm.extensions import db

GROUP = "Actions"
WROTE, CALLED = Outreach.channel.in_((EMAIL, FORM)), Outreach.channel == PHONE


def register() -> None:
    """Enter them into goals, segments, sequences, and what shows interest."""
    for name, one, many, what in (("wrote", "Wrote", "Letters", WROTE), ("called", "Called", "Calls", CALLED)):
        _offer_fields(name, one, many, what)
        metrics.add(many.lower(), Metric(many, *_counted(what)))
        triggers.add(name, Trigger(f"{one} for the action", _who(what), choices, named=listing.choice_named))
        acted.add(many.lower(), Act(one, _by_sources(what)))
        supports.add(many.lower(), _support(name, what))
    activities.add("outreach", since)


def choices() -> list[tuple[str, str]]:
    """Return letters and calls by number, the newest first."""
    return listing.choices(*ORDER)


def since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition, over contacts, of having written or called since then."""
    return select(Outreach.id).where(Outreach.contact_id == Contact.id, Outreach.at >= moment).exists()


def _offer_fields(name: str, one: str, many: str, what: ColumnElement[bool]) -> None:
    mine = select(Outreach.contact_id).where(what)

    def did(test: str, value: str) -> ColumnElement[bool]:
        return is_or_not(mine.where(Outreach.action_id == row_number(value)), test)

    fields = {
        name: SegmentField(f"{one} for the action", "choice", did, choices, named=listing.choice_named),
        f"last_{name}": SegmentField(f"Last {one.lower()}", "date", of_last_row(mine, Outreach.at)),
        f"{name}_times": SegmentField(f"Number of {many.lower()}", "number", of_number(mine)),
    }
    for key, field in fields.items():
        segment_fields.add(key, replace(field, group=GROUP))
    people_filters.add(f"{name}_from", PeopleFilter(f"{one} on or after", f"last_{name}", "since", kind="date"))


def _counted(what: ColumnElement[bool]) -> tuple[Callable[..., int], Callable[..., Days]]:
    def count(begin: datetime, end: datetime) -> int:
        query = select(func.count(Outreach.id)).where(what, Outreach.at >= begin, Outreach.at < end)
        return db.session.scalar(query) or 0

    def by_day(begin: datetime, end: datetime) -> Days:
        return days.by_source(Outreach.at, Outreach.source_id, begin, end, what)

    return count, by_day


def _support(name: str, what: ColumnElement[bool]) -> Support:
    rows = select(Outreach.contact_id, Outreach.at).where(what)
    return doing.support(f"People who {name}", "People who did so for any action", f"{name}_from", rows)


def _who(what: ColumnElement[bool]) -> Callable[[str, datetime], Select[Any, Any]]:
    def who(value: str, since: datetime) -> Select[Any, Any]:
        mine = (Outreach.action_id == row_number(value), what, Outreach.at >= since)
        return select(Outreach.contact_id, func.min(Outreach.at)).where(*mine).group_by(Outreach.contact_id)

    return who


def _by_sources(what: ColumnElement[bool]) -> Callable[[Any], Select[Any, Any]]:
    return lambda sources: select(Outreach.contact_id, Outreach.at).where(what, came_by(Outreach.source_id, sources))
