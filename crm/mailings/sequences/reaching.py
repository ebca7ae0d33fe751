"""Who of those whose turn it is gets a step, who skips it, and who leaves the sequence."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, true

from crm.contacts import subscriptions
from crm.contacts.models import Contact, Segment, Subscription
from crm.delivery import merge_fields
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import audience, fields, texts
from crm.mailings.choosing import conditions
from crm.mailings.models import MailingMessage
from crm.mailings.sequences.models import Sequence, SequenceStep

REACHED_THE_GOAL = "Reached the goal"
NOT_SUBSCRIBED = "No longer subscribed"


@dataclass(frozen=True)
class Copy:
    """What one contact gets."""

    message_id: int
    address: str
    merge: dict[str, str] | None


@dataclass(frozen=True)
class Reached:
    """By contact id: the copies, and why others leave. Who is in neither skips the step: it is not meant for them."""

    copies: dict[int, Copy]
    left: dict[int, str]


def look(sequence: Sequence, step: SequenceStep, contact_ids: Collection[int]) -> Reached:
    """Return what becomes of these contacts, whose turn it is. Raises AudienceGone."""
    here = Contact.id.in_(contact_ids)
    stays = set(db.session.scalars(select(Contact.id).where(here, _subscribed(sequence.topic_id))))
    arrived = db.session.scalars(select(Contact.id).where(here, _inside(sequence.goal))).all() if sequence.goal else ()
    left = {contact: NOT_SUBSCRIBED for contact in contact_ids if contact not in stays}
    left |= dict.fromkeys(arrived, REACHED_THE_GOAL)
    going = [contact for contact in contact_ids if contact not in left]
    return Reached(_copies(step, going), left)


def gets(step: SequenceStep) -> ColumnElement[bool]:
    """Return the condition that a contact whose turn it is gets the step as it is now. Raises AudienceGone."""
    sequence = step.sequence
    stays = and_(audience.reaches(step.mailing), _subscribed(sequence.topic_id), _inside(step.segment))
    # What a segment cannot tell of a contact (NULL) does not put the contact into it.
    return stays & ~func.coalesce(_inside(sequence.goal), false()) if sequence.goal else stays


def published(step: SequenceStep) -> list[MailingMessage]:
    """Return the messages that go out as the step now, one for each language."""
    variant = f"v{step.sent_version}"
    return [one for one in step.mailing.messages if one.variant == variant]


def _copies(step: SequenceStep, contact_ids: Collection[int]) -> dict[int, Copy]:
    people = audience.select_people(step.mailing).where(Contact.id.in_(contact_ids))
    if step.segment:
        people = people.where(_inside(step.segment))
    found: dict[int, Copy] = {}
    for one in published(step):
        reads = texts.of_message(step.mailing, one)
        for address, contact, merge in db.session.execute(_rows(people, one.message_id).where(reads)):
            found[contact] = Copy(one.message_id, address, merge)
    return found


def _rows(people: Any, message_id: int) -> Any:
    message = db.session.get_one(Message, message_id)
    names = merge_fields.names(message.subject + message.html + message.text)
    return people.with_only_columns(Contact.email, Contact.id, fields.merge_json(names))


def _inside(segment: Segment | None) -> ColumnElement[bool]:
    return conditions.segment(segment.id) if segment else true()


def _subscribed(topic_id: int) -> ColumnElement[bool]:
    active = select(Subscription.contact_id).where(Subscription.topic_id == topic_id)
    return Contact.id.in_(active.where(Subscription.state == subscriptions.ACTIVE))
