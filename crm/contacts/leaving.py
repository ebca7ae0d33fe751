"""Leaving one topic or all of them, and taking that back at once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from crm.base import clock, signing
from crm.contacts import consent, subscriptions, timeline, topics
from crm.contacts.merging import former
from crm.contacts.models import WITHDRAWN, ConsentRecord, Contact, SignUp, Subscription, Topic
from crm.delivery import suppression, unsubscribing
from crm.extensions import db

UNDO_LIFE = timedelta(minutes=30)
REASON = "unsubscribe"
MERGED = "merge"


class Overtaken(Exception):
    """Something else has been changed since, so that there is nothing to take back any more."""


def unsubscribe(contact: Contact, topic: Topic | None, *, method: str, place: str = "") -> ConsentRecord:
    """End one topic, or with None all mail that is not a receipt; stops queued copies in the same transaction.

    Returns the record of it. Doing it again changes nothing, and returns the record of the first time.
    """
    taken = _end_subscriptions(contact, topic)
    blocked = _suppress(contact, topic.slug if topic else suppression.EVERY_LIST)
    voided, emptied = _void_sign_ups(contact, topic)
    before = consent.latest(contact)
    if not (taken or blocked or voided or emptied) and before is not None and _left_the_same(before, topic):
        return before
    timeline.record(contact, "consent", f"Left {topic.name()}" if topic else "Left all mail")
    return consent.record(
        contact,
        "withdrawn",
        [topic.slug] if topic else sorted(taken) or [suppression.EVERY_LIST],
        method=method,
        place=place,
        evidence={"taken": taken, "blocked": blocked, "voided": voided, "emptied": emptied, "all": topic is None},
    )


def by_mail(contact_id: int, tag: str, source: str) -> bool:
    """Do what a press of the mail program's button does, because a mail to the signed address asks for it.

    A list that is no topic means all mail, as with the link. Returns whether there is such a contact.
    """
    contact = former.contact(contact_id)
    if contact is not None:
        topic = next((one for one in topics.everything() if unsubscribing.tag_of(one.slug) == tag), None)
        unsubscribe(contact, topic, method="unsubscribe_mail", place=f"List-Unsubscribe: {source}")
    return contact is not None


def address_of(contact_id: int) -> str:
    """Return the address of the contact of that id; "" where there is none."""
    contact = former.contact(contact_id)
    return (contact.email or "") if contact else ""


def withdrew(topic: Topic) -> ColumnElement[bool]:
    """Return the condition over ConsentRecord that somebody left that topic or all mail, and did not take it back.

    What a merge of two records carried over is nobody's leaving.
    """
    back = aliased(ConsentRecord)
    undone = select(back.id).where(back.contact_id == ConsentRecord.contact_id, back.act == "restored")
    undone = undone.where(back.evidence["undoes"].as_integer() == ConsentRecord.id)
    named = (" " + ConsentRecord.topics + " ").contains(f" {topic.slug} ", autoescape=True)
    everything = ConsentRecord.evidence["all"].as_boolean()
    # No purpose is asked for: only leaving mail names topics, and SQLite would look by it for who left.
    return and_(WITHDRAWN, ConsentRecord.method != MERGED, named | everything, ~undone.exists())


def undo_token(record: ConsentRecord) -> str:
    """Return the token that takes this back; it lives 30 minutes."""
    return signing.sign("undo", f"{record.contact_id}:{record.id}", dated=True)


def can_undo(record: ConsentRecord) -> bool:
    """Tell whether the withdrawal is young enough; later only a new double opt-in brings somebody back."""
    return clock.now() - record.at <= UNDO_LIFE


def undo(token: str, contact: Contact) -> None:
    """Restore exactly what was taken; doing it again changes nothing.

    Raises InvalidToken, ExpiredToken, and Overtaken where something was changed since.
    """
    contact_id, _, record_id = signing.read("undo", token, max_age=UNDO_LIFE).partition(":")
    withdrawn = db.session.get(ConsentRecord, int(record_id))
    newest = consent.latest(contact)
    if withdrawn is None or newest is None or contact_id != str(contact.id):
        raise Overtaken
    if newest.act == "restored" and newest.evidence.get("undoes") == withdrawn.id:
        return
    if newest.id != withdrawn.id or not can_undo(withdrawn):
        raise Overtaken
    _restore(contact, withdrawn)


def _left_the_same(before: ConsentRecord, topic: Topic | None) -> bool:
    if before.act != "withdrawn" or before.evidence.get("all") != (topic is None):
        return False
    return topic is None or before.topics == topic.slug


def _end_subscriptions(contact: Contact, topic: Topic | None) -> dict[str, str]:
    query = select(Subscription).where(
        Subscription.contact_id == contact.id, Subscription.state != subscriptions.UNSUBSCRIBED
    )
    if topic is not None:
        query = query.where(Subscription.topic_id == topic.id)
    taken = {}
    for subscription in db.session.scalars(query.with_for_update()):
        taken[subscription.topic.slug] = subscription.state
        subscription.state, subscription.since = subscriptions.UNSUBSCRIBED, clock.now()
    return taken


def _suppress(contact: Contact, list_id: str) -> list[str]:
    if not contact.email:
        return []
    known = suppression.reasons(contact.email)
    given_up = [one.address for one in former.of(contact) if one.address]
    suppression.suppress_all(dict.fromkeys([contact.email, *given_up], REASON), list_id)
    return [] if list_id in known else [list_id]


def _void_sign_ups(contact: Contact, topic: Topic | None) -> tuple[list[int], dict[str, list[str]]]:
    """Make older confirmation links worthless, so that only a new sign-up brings somebody back.

    One that is for a deed is for that alone from then on: leaving the mail takes back no signature and no place.
    Returns the ids of the ones, and of the others the topics that each was for.
    """
    query = select(SignUp).where(SignUp.contact_id == contact.id, SignUp.state == "open")
    left = [sign_up for sign_up in db.session.scalars(query) if topic is None or topic.slug in sign_up.topics]
    voided, emptied = [], {}
    for sign_up in left:
        if not sign_up.deed_kind:
            voided.append(sign_up.id)
            sign_up.state = "void"
        elif sign_up.topics:
            emptied[str(sign_up.id)] = list(sign_up.topics)
            sign_up.topics = []
    return voided, emptied


def _restore(contact: Contact, withdrawn: ConsentRecord) -> None:
    evidence: dict[str, Any] = withdrawn.evidence
    for subscription in contact.subscriptions:
        if subscription.topic.slug in evidence["taken"]:
            subscription.state, subscription.since = evidence["taken"][subscription.topic.slug], clock.now()
    for list_id in evidence["blocked"]:
        if contact.email and suppression.reasons(contact.email).get(list_id) == REASON:
            suppression.lift(contact.email, list_id, by="undo")
    for sign_up in db.session.scalars(select(SignUp).where(SignUp.id.in_(evidence["voided"]))):
        sign_up.state = "open"
    emptied = evidence.get("emptied", {})
    for sign_up in db.session.scalars(select(SignUp).where(SignUp.id.in_(map(int, emptied)), SignUp.state == "open")):
        sign_up.topics = sign_up.topics or emptied[str(sign_up.id)]
    active = [slug for slug, state in evidence["taken"].items() if state == subscriptions.ACTIVE]
    timeline.record(contact, "consent", "Took the unsubscribe back")
    consent.record(contact, "restored", active, method="undo", evidence={"undoes": withdrawn.id})
