"""What segments and filters can ask of a contact; upper rooms add their own fields to the registry."""

import functools
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true

from crm.base.locales import LANGUAGES
from crm.base.registries import MenuEntry, menu
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts import districts, segment_origins, status, subscriptions
from crm.contacts.constituents import living
from crm.contacts.interest import asking
from crm.contacts.models import Contact, Subscription, Tag, Topic, contact_tag
from crm.contacts.segment_tests import Condition, choice, flag, is_or_not, moment, of_number, text
from crm.extensions import db

PLACE, TOPICS = "Place", "Topics"
add = segment_fields.add


def register() -> None:
    """Offer the fields of contacts, and the menu entries of the pages that use them."""
    menu.add("people", MenuEntry("People", "contacts_staff.index", "contacts.see", 20))
    menu.add("segments", MenuEntry("Segments", "segments_staff.index", "contacts.see", 22, within="people"))
    menu.add("interest", MenuEntry("Still interested?", "interest_staff.index", "contacts.see", 24, within="people"))
    _of_profiles()
    _of_places()
    _of_topics()
    segment_origins.register()


def _of_profiles() -> None:
    language = choice(Contact.language)
    full_name = Contact.first_name + " " + Contact.last_name
    email = func.coalesce(Contact.email, "")
    add("status", SegmentField("Status", "choice", _status, lambda: list(status.WORDS.items())))
    add("anything", SegmentField("Name, e-mail, organization or ZIP", "text", _anything))
    add("name", SegmentField("Name", "text", text(func.trim(full_name))))
    add("email", SegmentField("E-mail", "text", text(email), help="For example “contains @school.example”."))
    add("phone", SegmentField("Phone known", "flag", flag(lambda: Contact.phone != "")))
    add("organization", SegmentField("Organization", "text", text(Contact.organization_name)))
    add("language", SegmentField("Language", "choice", language, lambda: list(LANGUAGES.items())))
    add("tag", SegmentField("Tag", "choice", _tag, _tags))
    add("added", SegmentField("Added", "date", moment(Contact.created_at)))
    add("resting", SegmentField("Rests, without an answer to “still interested?”", "flag", flag(asking.resting)))
    add("confirmed", SegmentField("Confirmed", "date", moment(Contact.confirmed_at)))


def _of_places() -> None:
    add("state", SegmentField("State", "choice", choice(Contact.state), _states, group=PLACE))
    add("zip", SegmentField("ZIP code", "text", text(Contact.zip_code), group=PLACE))
    add("district", replace(districts.FIELD, group=PLACE))
    add("lives_in", replace(living.FIELD, group=PLACE))
    add("city", SegmentField("City", "text", text(Contact.city), group=PLACE))


def _of_topics() -> None:
    pending, left = _topic(subscriptions.PENDING), _topic(subscriptions.UNSUBSCRIBED)
    number = of_number(_subscribed(subscriptions.ACTIVE))
    add("topic", SegmentField("Gets topic", "choice", _topic(subscriptions.ACTIVE), _topics, group=TOPICS))
    add("topic_pending", SegmentField("Has yet to confirm topic", "choice", pending, _topics, group=TOPICS))
    add("topic_left", SegmentField("Unsubscribed from topic", "choice", left, _topics, group=TOPICS))
    add("topics", SegmentField("Number of topics they get", "number", number, group=TOPICS))


def _subscribed(*states: str) -> Select[int]:
    return select(Subscription.contact_id).where(Subscription.state.in_(states))


def _status(test: str, value: str) -> ColumnElement[bool]:
    return not_(status.having(value)) if test == "is_not" else status.having(value)


def _topic(state: str) -> Condition:
    def condition(test: str, value: str) -> ColumnElement[bool]:
        topic = select(Topic.id).where(Topic.slug == value).scalar_subquery()
        return is_or_not(_subscribed(state).where(Subscription.topic_id == topic), test)

    return condition


def _tag(test: str, value: str) -> ColumnElement[bool]:
    query = select(contact_tag.c.contact_id).join(Tag, Tag.id == contact_tag.c.tag_id)
    return is_or_not(query.where(Tag.name == value), test)


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


def _states() -> list[tuple[str, str]]:
    query = select(Contact.state).where(Contact.state != "").distinct().order_by(Contact.state)
    return [(state, state) for state in db.session.scalars(query)]
