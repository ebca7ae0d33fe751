"""Who gets a mailing: an active subscription and an address, narrowed, less exclusions, less influencers held out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, func, literal, select

from crm.contacts import preferences, segments
from crm.contacts.interest import asking
from crm.contacts.models import ConsentRecord, Contact, Segment, Subscription, Topic
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.influencers import bulk
from crm.influencers.models import Influencer
from crm.mailings import fields, texts
from crm.mailings.models import Mailing
from crm.mailings.texts import Text

SAMPLE = 5
# Of these, influencers get only what they asked for themselves: an ask is made to them in person, not by bulk mail.
BY_THEMSELVES = frozenset({"double_opt_in", preferences.METHOD})
HELD_OUT_OF = frozenset({"call_to_action", "sharing_tools"})


class AudienceGone(Exception):
    """A segment that the audience names was deleted or cannot be evaluated; the message says what to do."""


@dataclass(frozen=True)
class Reach:
    """Whom a mailing reaches now.

    Blocked ones are left out of `recipients`; `held` are influencers held out, `influencers` those who get it;
    `gone` says why the audience cannot be told at all.
    """

    recipients: int = 0
    blocked: int = 0
    held: Sequence[Influencer] = ()
    influencers: Sequence[Influencer] = ()
    gone: str = ""


def select_ids(mailing: Mailing) -> Select[Any]:
    """Return the select of the ids of all who get the mailing. Suppressed addresses are left out when it is sent."""
    return select(Contact.id).where(*_gets_it(mailing))


def select_people(mailing: Mailing) -> Select[Any]:
    """Return the select of the contacts who get the mailing."""
    return select(Contact).where(*_gets_it(mailing))


def reaches(mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a contact gets the mailing, and its address is not blocked."""
    return and_(*_gets_it(mailing), ~_blocked(mailing.topic))


def select_copies(mailing: Mailing, said: Text, names: set[str], others: Collection[int] = ()) -> Select[Any]:
    """Return the select of (address, contact id, merge) that the outbox freezes of one of the texts.

    Whoever has a copy of one of the other messages gets none: who chose another language meanwhile would get two.
    """
    # Flat, without a subquery of ids, so that a chunk of the outbox reads only its own range of contacts.
    conditions = [*_gets_it(mailing), texts.reads(said, mailing)]
    if others:
        conditions.append(~texts.has_copy(others))
    return select(Contact.email, Contact.id, fields.merge_json(names)).where(*conditions)


def reach(mailing: Mailing, *, counted: bool = True) -> Reach:
    """Tell whom it reaches; not counted, `recipients` only says whether there is anybody at all."""
    try:
        people = select_ids(mailing)
    except AudienceGone as gone:
        return Reach(gone=str(gone))
    if not counted:
        reachable = people.where(~_blocked(mailing.topic))
        return Reach(recipients=len(db.session.scalars(reachable.limit(1)).all()))
    counted_people = people.with_only_columns(func.count(), func.count().filter(_blocked(mailing.topic)))
    number, blocked = db.session.execute(counted_people).one()
    held = select(Contact.id).where(*_agreed(mailing), _held_out(mailing))
    return Reach(number - blocked, blocked, bulk.among(held) if _holds(mailing) else (), bulk.among(people))


def why(mailing: Mailing, influencer: Influencer) -> str:
    """Return why an influencer gets a mailing of a kind that influencers are held out of; "" for other kinds."""
    if mailing.kind not in HELD_OUT_OF:
        return ""
    if influencer.released_at is not None:
        by = influencer.released_by.name if influencer.released_by else "somebody"
        return f"Released by {by}: {influencer.release_reason}"
    return f"Confirmed {mailing.topic.name()} themselves"


def sample(mailing: Mailing, size: int = SAMPLE) -> Sequence[Contact]:
    """Return some of the recipients, in a mixed but steady order, for the eye and for previews."""
    mixed = (Contact.id * 7919) % 10007
    query = select(Contact).where(*_gets_it(mailing)).order_by(mixed, Contact.id).limit(size)
    return db.session.scalars(query).all()


def without(mailing: Mailing, said: Text, name: str) -> int:
    """Return how many who get that text have nothing to put into that merge field."""
    here = (*_gets_it(mailing), texts.reads(said, mailing), fields.is_empty(name))
    query = select(func.count(Contact.id)).where(*here)
    return db.session.scalar(query) or 0


def describe(mailing: Mailing) -> str:
    """Return the audience in words."""
    wanted = mailing.audience
    words = (
        "Everyone" if wanted.get("people") == "all" else f"People with an active subscription to {mailing.topic.name()}"
    )
    if wanted.get("segment"):
        words += f" in the segment {_name_of(wanted['segment'])}"
    left_out = [f"the segment {_name_of(i)}" for i in wanted.get("without_segments", [])]
    left_out += [f"those with an active subscription to {_topic(i)}" for i in wanted.get("without_topics", [])]
    return words + (", without " + " and ".join(left_out) if left_out else "")


def _blocked(topic: Topic) -> ColumnElement[bool]:
    lists = Suppression.list_id.in_([suppression.EVERY_LIST, topic.slug])
    return select(Suppression.list_id).where(Suppression.address_hash == Contact.address_hash, lists).exists()


def _gets_it(mailing: Mailing) -> list[ColumnElement[bool]]:
    return [*_agreed(mailing), ~_held_out(mailing)] if _holds(mailing) else _agreed(mailing)


def _agreed(mailing: Mailing) -> list[ColumnElement[bool]]:
    wanted = mailing.audience
    topics = None if wanted.get("people") == "all" else [mailing.topic_id]
    conditions = [Contact.email.is_not(None), _subscribed(topics), ~asking.resting()]
    if wanted.get("segment"):
        conditions.append(_segment(wanted["segment"]))
    if wanted.get("without_topics"):
        conditions.append(~_subscribed(wanted["without_topics"]))
    # What a segment cannot tell of a contact (NULL) does not put the contact into it.
    conditions += [~func.coalesce(_segment(i), false()) for i in wanted.get("without_segments", [])]
    return conditions


def _subscribed(topic_ids: list[int] | None) -> ColumnElement[bool]:
    found = select(Subscription.id).where(Subscription.contact_id == Contact.id, Subscription.state == "active")
    return (found if topic_ids is None else found.where(Subscription.topic_id.in_(topic_ids))).exists()


def _segment(segment_id: int) -> ColumnElement[bool]:
    segment = db.session.get(Segment, segment_id)
    if segment is None:
        raise AudienceGone("A segment of this mailing was deleted. Choose its audience again.")
    try:
        return segments.clause(segment.definition)
    except segments.BadDefinition as bad:
        raise AudienceGone(f"The segment {segment.name} cannot be used: {bad}") from bad


def _name_of(segment_id: int) -> str:
    segment = db.session.get(Segment, segment_id)
    return segment.name if segment else "(deleted)"


def _topic(topic_id: int) -> str:
    topic = db.session.get(Topic, topic_id)
    return topic.name() if topic else "(deleted)"


def _holds(mailing: Mailing) -> bool:
    return mailing.kind in HELD_OUT_OF


def _held_out(mailing: Mailing) -> ColumnElement[bool]:
    return Contact.id.in_(bulk.held_ids()) & ~_confirmed_themselves(mailing.topic)


def _confirmed_themselves(topic: Topic) -> ColumnElement[bool]:
    words = literal(" ", String) + ConsentRecord.topics + " "
    record = select(ConsentRecord.id).where(
        ConsentRecord.contact_id == Contact.id,
        ConsentRecord.act == "given",
        ConsentRecord.method.in_(BY_THEMSELVES),
        words.contains(f" {topic.slug} ", autoescape=True),
    )
    return record.exists() & _subscribed([topic.id])
