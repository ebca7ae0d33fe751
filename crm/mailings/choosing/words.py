"""The audience of a mailing in words, and why somebody is in it."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.base.locales import comma
from crm.contacts.models import Contact, Segment, Subscription, Topic
from crm.extensions import db
from crm.mailings.choosing import conditions, wanted
from crm.mailings.choosing.wanted import ALL, EVERYONE, TOPICS, Wanted
from crm.mailings.models import Mailing

GONE = "(deleted)"


def describe(mailing: Mailing) -> str:
    """Return the audience in words."""
    it = wanted.of(mailing)
    words = _who(it, mailing)
    if it.segments:
        words += f" in {_segments(it)}"
    left_out = [f"the segment {_segment(one)}" for one in it.without_segments]
    left_out += [f"those with an active subscription to {_topic(one)}" for one in it.without_topics]
    left_out += [f"those who got “{_mailing(one)}”" for one in it.without_mailings]
    left_out += [f"{len(it.without_people)} named {'person' if len(it.without_people) == 1 else 'people'}"] * bool(
        it.without_people
    )
    return words + (", without " + " and ".join(left_out) if left_out else "")


def nobody(mailing: Mailing) -> str:
    """Return why an audience of nobody is one: empty segments, or none who has agreed. Raises AudienceGone."""
    it = wanted.of(mailing)
    inside = conditions.within(it)
    if inside and db.session.scalar(select(Contact.id).where(*inside).limit(1)) is None:
        return f"nobody is in {_segments(it)}"
    return "nobody in this audience has agreed to it"


def why(mailing: Mailing, people: Sequence[Contact]) -> dict[int, str]:
    """Return in words by which topics and segments each of these few is in the audience, by id. Raises AudienceGone."""
    it, ids = wanted.of(mailing), [one.id for one in people]
    query = select(Subscription.contact_id, Topic).join(Topic, Topic.id == Subscription.topic_id)
    query = query.where(Subscription.contact_id.in_(ids), Subscription.state == "active").order_by(Topic.position)
    if it.people != EVERYONE:
        query = query.where(Topic.id.in_(it.topics if it.people == TOPICS else [mailing.topic_id]))
    found: dict[int, list[str]] = {number: [] for number in ids}
    for number, topic in db.session.execute(query):
        found[number].append(topic.name())
    for one in it.segments:
        inside = select(Contact.id).where(Contact.id.in_(ids), conditions.segment(one))
        for number in db.session.scalars(inside):
            found[number].append(_segment(one))
    return {number: comma("en").join(words) for number, words in found.items()}


def _who(it: Wanted, mailing: Mailing) -> str:
    if it.people == EVERYONE:
        return "Everyone"
    if it.people != TOPICS:
        return f"People with an active subscription to {mailing.topic.name()}"
    named = [_topic(one) for one in it.topics]
    which = f"{_each(it.topics_match)} " if len(named) > 1 else ""
    return f"People with an active subscription to {which}{comma('en').join(named) or 'no topic yet'}"


def _segments(it: Wanted) -> str:
    named = [_segment(one) for one in it.segments]
    which = "the segment" if len(named) == 1 else f"{_each(it.segments_match)} the segments"
    return f"{which} {comma('en').join(named)}"


def _each(match: str) -> str:
    return "all of" if match == ALL else "any of"


def _segment(segment_id: int) -> str:
    found = db.session.get(Segment, segment_id)
    return found.name if found else GONE


def _topic(topic_id: int) -> str:
    found = db.session.get(Topic, topic_id)
    return found.name() if found else GONE


def _mailing(mailing_id: int) -> str:
    found = db.session.get(Mailing, mailing_id)
    return (found.subject or "(no subject)") if found else GONE
