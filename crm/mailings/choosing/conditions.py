"""Who is wanted, as conditions over contacts: agreed, narrowed, and less whom the mailing leaves out itself."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from crm.contacts import segments
from crm.contacts.interest import asking
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import Contact, Segment, Subscription, Topic
from crm.contacts.segment_tests import among
from crm.extensions import db
from crm.mailings import copies
from crm.mailings.choosing import wanted
from crm.mailings.choosing.wanted import ALL, EVERYONE, TOPICS, Wanted
from crm.mailings.models import Mailing


class AudienceGone(Exception):
    """A segment or topic that the audience names was deleted or cannot be evaluated; the message says what to do."""


def agreed(mailing: Mailing) -> list[ColumnElement[bool]]:
    """Return the conditions of all who agreed and are wanted. Raises AudienceGone."""
    it = wanted.of(mailing)
    return [*subscribing(mailing), ~asking.resting(), *within(it), *_exclusions(it)]


def within(it: Wanted) -> list[ColumnElement[bool]]:
    """Return the condition that a contact is in the segments; none where there are none. Raises AudienceGone."""
    of_segments = [segment(one) for one in it.segments]
    if not of_segments:
        return []
    return [and_(*of_segments) if it.segments_match == ALL else or_(*of_segments)]


def subscribing(mailing: Mailing) -> list[ColumnElement[bool]]:
    """Return the conditions of all who have an address and subscribe to what the mailing asks for."""
    return [Contact.email.is_not(None), *_of_topics(wanted.of(mailing), mailing)]


def subscribed(topic_ids: Collection[int] | None) -> ColumnElement[bool]:
    """Return the condition of an active subscription to one of these topics; None: to any that there is."""
    found = select(Subscription.id).where(Subscription.contact_id == Contact.id, Subscription.state == "active")
    return (found if topic_ids is None else found.where(Subscription.topic_id.in_(topic_ids))).exists()


def segment(segment_id: int) -> ColumnElement[bool]:
    """Return the condition of a segment as it is now. Raises AudienceGone."""
    found = db.session.get(Segment, segment_id)
    if found is None:
        raise AudienceGone("A segment of this mailing was deleted. Choose its audience again.")
    try:
        return segments.clause(found.definition)
    except segments.BadDefinition as bad:
        raise AudienceGone(f"The segment {found.name} cannot be used: {bad}") from bad


def _of_topics(it: Wanted, mailing: Mailing) -> list[ColumnElement[bool]]:
    if it.people == EVERYONE:
        return [subscribed(None)]
    if it.people != TOPICS:
        return [subscribed([mailing.topic_id])]
    there = set(db.session.scalars(select(Topic.id).where(Topic.id.in_(it.topics))))
    if not it.topics or len(there) < len(set(it.topics)):
        raise AudienceGone("A topic of this mailing was deleted, or none is chosen. Choose its audience again.")
    return [subscribed([one]) for one in it.topics] if it.topics_match == ALL else [subscribed(it.topics)]


def _exclusions(it: Wanted) -> list[ColumnElement[bool]]:
    # What a segment cannot tell of a contact (NULL) does not put the contact into it.
    left_out: list[ColumnElement[bool]] = [func.coalesce(segment(one), false()) for one in it.without_segments]
    left_out += [among(copies.of_mailing(one)) for one in it.without_mailings]
    return [~each for each in left_out] + not_left_out(it)


def not_left_out(it: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions that a contact has no topic, and is nobody, that the mailing leaves out by name."""
    left_out = [subscribed(it.without_topics)] if it.without_topics else []
    if it.without_people:
        merged = select(MergedContact.contact_id).where(MergedContact.gone_id.in_(it.without_people))
        left_out += [Contact.id.in_(it.without_people), among(merged)]
    return [~each for each in left_out]
