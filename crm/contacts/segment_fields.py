"""What segments and filters can ask of a contact; upper rooms add their own fields to the registry."""

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from crm.base import clock
from crm.base.locales import LANGUAGES
from crm.base.registries import MenuEntry, SegmentField, menu, segment_fields
from crm.contacts import districts, status, subscriptions
from crm.contacts.constituents import living
from crm.contacts.interest import asking
from crm.contacts.models import Contact, Source, Subscription, Tag, Topic, contact_tag
from crm.extensions import db
from crm.organizations import coalition

KINDS = {
    "website": "Website",
    "member": "Member organizations",
    "supporter": "Shared by supporters",
    "import": "Import",
    "staff": "Added by staff",
}
Condition = Callable[[str, str], ColumnElement[bool]]


def register() -> None:
    """Offer the fields of contacts, and the menu entries of the pages that use them."""
    menu.add("people", MenuEntry("People", "contacts_staff.index", "contacts.see", 20))
    menu.add("segments", MenuEntry("Segments", "segments_staff.index", "contacts.see", 22, within="people"))
    menu.add("interest", MenuEntry("Still interested?", "interest_staff.index", "contacts.see", 24, within="people"))
    segment_fields.add("status", SegmentField("Status", "choice", _status, lambda: list(status.WORDS.items())))
    segment_fields.add("topic", SegmentField("Gets topic", "choice", _topic, _topics))
    segment_fields.add("tag", SegmentField("Tag", "choice", _tag, _tags))
    segment_fields.add("source", SegmentField("Source", "choice", _source, _sources))
    segment_fields.add("source_kind", SegmentField("Kind of source", "choice", _source_kind, lambda: [*KINDS.items()]))
    language = choice(Contact.language)
    segment_fields.add("language", SegmentField("Language", "choice", language, lambda: list(LANGUAGES.items())))
    segment_fields.add("state", SegmentField("State", "choice", choice(Contact.state), _states))
    segment_fields.add("zip", SegmentField("ZIP code", "text", text(Contact.zip_code)))
    segment_fields.add("district", districts.FIELD)
    segment_fields.add("lives_in", living.FIELD)
    segment_fields.add("city", SegmentField("City", "text", text(Contact.city)))
    segment_fields.add("organization", SegmentField("Organization", "text", text(Contact.organization_name)))
    segment_fields.add("anything", SegmentField("Name, e-mail, organization or ZIP", "text", _anything))
    segment_fields.add("added", SegmentField("Added", "date", moment(Contact.created_at)))
    rests = SegmentField("Rests, without an answer to “still interested?”", "flag", flag(asking.resting))
    segment_fields.add("resting", rests)
    segment_fields.add("confirmed", SegmentField("Confirmed", "date", moment(Contact.confirmed_at)))


def choice(column: InstrumentedAttribute[str]) -> Condition:
    """Return the condition of a column that holds one of some words."""
    return lambda test, value: column != value if test == "is_not" else column == value


def text(column: ColumnElement[str] | InstrumentedAttribute[str]) -> Condition:
    """Return the condition of a column of text; upper and lower case are the same."""

    def condition(test: str, value: str) -> ColumnElement[bool]:
        tests: dict[str, Callable[[], ColumnElement[bool]]] = {
            "contains": lambda: column.icontains(value, autoescape=True),
            "starts": lambda: column.istartswith(value, autoescape=True),
            "is": lambda: _same(column, value),
            "is_not": lambda: not_(_same(column, value)),
            "empty": lambda: column == "",
            "filled": lambda: column != "",
        }
        return tests[test]()

    return condition


def moment(column: InstrumentedAttribute[Any]) -> Condition:
    """Return the condition of a column of moments; dates begin at midnight in the zone of the coalition."""

    def condition(test: str, value: str) -> ColumnElement[bool]:
        tests: dict[str, Callable[[], ColumnElement[bool]]] = {
            "since": lambda: column >= _midnight(value),
            "before": lambda: column < _midnight(value),
            "last_days": lambda: column >= clock.now() - timedelta(days=int(value)),
            "older_days": lambda: column < clock.now() - timedelta(days=int(value)),
            "empty": lambda: column.is_(None),
            "filled": lambda: column.is_not(None),
        }
        # An unknown moment is neither before nor after: false, where SQL would say unknown and break NOT groups.
        return tests[test]() if test in ("empty", "filled") else and_(column.is_not(None), tests[test]())

    return condition


def flag(condition: Callable[[], ColumnElement[bool]]) -> Condition:
    """Return the condition of what is so or not."""
    return lambda test, value: condition() if test == "yes" else not_(condition())


def _same(column: ColumnElement[str] | InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    return column.ilike(value.replace("/", "//").replace("%", "/%").replace("_", "/_"), escape="/")


def _midnight(value: str) -> datetime:
    found = coalition.current()
    zone = ZoneInfo(found.zone) if found else UTC
    return datetime.combine(date.fromisoformat(value), time(), zone).astimezone(UTC)


def _within(test: str, ids: Select[int]) -> ColumnElement[bool]:
    return Contact.id.not_in(ids) if test == "is_not" else Contact.id.in_(ids)


def _subscribed(*states: str) -> Select[int]:
    return select(Subscription.contact_id).where(Subscription.state.in_(states))


def _status(test: str, value: str) -> ColumnElement[bool]:
    return status.word() != value if test == "is_not" else status.word() == value


def _topic(test: str, value: str) -> ColumnElement[bool]:
    topic = select(Topic.id).where(Topic.slug == value).scalar_subquery()
    return _within(test, _subscribed(subscriptions.ACTIVE).where(Subscription.topic_id == topic))


def _tag(test: str, value: str) -> ColumnElement[bool]:
    query = select(contact_tag.c.contact_id).join(Tag, Tag.id == contact_tag.c.tag_id)
    return _within(test, query.where(Tag.name == value))


def _source(test: str, value: str) -> ColumnElement[bool]:
    return _of_sources(test, Source.label == value)


def _source_kind(test: str, value: str) -> ColumnElement[bool]:
    return _of_sources(test, Source.kind == value)


def _of_sources(test: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    of_these = and_(Contact.source_id.is_not(None), Contact.source_id.in_(select(Source.id).where(which)))
    return not_(of_these) if test == "is_not" else of_these


def _anything(test: str, value: str) -> ColumnElement[bool]:
    """Every word must stand in one of the columns."""
    if test in ("empty", "is_not"):
        return not_(_anything({"empty": "filled", "is_not": "is"}[test], value))
    email = func.coalesce(Contact.email, "")
    columns = (Contact.first_name, Contact.last_name, email, Contact.organization_name, Contact.zip_code)
    if test == "contains":
        # One long text is searched three times as fast as five short ones.
        whole = functools.reduce(lambda left, right: left + " " + right, columns)
        return and_(true(), *(whole.icontains(word, autoescape=True) for word in value.split()))
    return or_(*(text(column)(test, value) for column in columns))


def _topics() -> list[tuple[str, str]]:
    topics = db.session.scalars(select(Topic).order_by(Topic.position, Topic.id))
    return [(topic.slug, topic.name()) for topic in topics]


def _tags() -> list[tuple[str, str]]:
    return [(name, name) for name in db.session.scalars(select(Tag.name).order_by(Tag.name))]


def _sources() -> list[tuple[str, str]]:
    labels = db.session.scalars(select(Source.label).distinct().order_by(Source.label))
    return [(label, label) for label in labels]


def _states() -> list[tuple[str, str]]:
    query = select(Contact.state).where(Contact.state != "").distinct().order_by(Contact.state)
    return [(state, state) for state in db.session.scalars(query)]
