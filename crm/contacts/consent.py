"""Consent: who agreed to what, by which words, and the record that proves it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from crm.base import clock
from crm.contacts.models import ConsentRecord, ConsentWording, Contact, Subscription, Topic
from crm.contacts.subscriptions import ACTIVE, UNSUBSCRIBED
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db

CHUNK = 500
PURPOSE = "sign_up"


class NoEvidence(ValueError):
    """Nobody is made active without something that proves the consent."""


@dataclass(frozen=True)
class Grant:
    """The consent of one contact to topics, what proves it (JSON values), and when it was given (default: now)."""

    contact: Contact
    topics: Sequence[Topic]
    evidence: dict[str, Any]
    at: datetime | None = None


def activate(
    contact: Contact,
    topics: Sequence[Topic],
    *,
    method: str,
    evidence: dict[str, Any],
    place: str,
    wording: ConsentWording | None = None,
    at: datetime | None = None,
    actor: str = "",
) -> list[Topic]:
    """Subscribe a contact on the strength of evidence from elsewhere; returns the topics that became active.

    Never raises what the person has left, nor an address that is suppressed. Raises NoEvidence.
    """
    grants = [Grant(contact, topics, evidence, at)]
    return activate_all(grants, method=method, place=place, wording=wording, actor=actor)[0]


def activate_all(
    grants: Sequence[Grant], *, method: str, place: str, wording: ConsentWording | None = None, actor: str = ""
) -> list[list[Topic]]:
    """Do what `activate` does for many contacts with few statements; returns the new topics of each grant.

    The contacts must have been flushed, and each may stand in the list once.
    """
    if any(not any(grant.evidence.values()) for grant in grants):
        raise NoEvidence("say what proves the consent")
    activated: list[list[Topic]] = []
    for chunk in _chunks(grants):
        activated += _activate_chunk(chunk, {"method": method, "place": place, "actor": actor}, wording)
    return activated


def give(contact: Contact, topics: Sequence[Topic], **about: Any) -> ConsentRecord:
    """Make these subscriptions active because the person just agreed, and write the record; see `record`.

    The caller has made sure that it is the person: a confirmed link, or the page of a signed link.
    """
    present = {s.topic_id: s for s in _subscriptions_of([contact.id])}
    at = clock.now()
    for topic in topics:
        subscription = present.get(topic.id)
        if subscription is None:
            db.session.add(Subscription(contact_id=contact.id, topic_id=topic.id, state=ACTIVE, since=at))
        elif subscription.state != ACTIVE:
            subscription.state, subscription.since = ACTIVE, at
    contact.confirmed_at = contact.confirmed_at or at
    return record(contact, "given", [topic.slug for topic in topics], **about)


def record(
    contact: Contact, act: str, slugs: Iterable[str], *, method: str, purpose: str = PURPOSE, **about: Any
) -> ConsentRecord:
    """Add one record; `about` may name wording_id, place, ip, actor and evidence."""
    values = {"evidence": {}, **about}
    row = ConsentRecord(
        contact_id=contact.id,
        address_hash=suppression.address_hash(contact.email or ""),
        act=act,
        purpose=purpose,
        topics=" ".join(slugs),
        method=method,
        **values,
    )
    db.session.add(row)
    db.session.flush()
    return row


def latest(contact: Contact) -> ConsentRecord | None:
    """Return the newest record of what a contact gets."""
    mine = (ConsentRecord.contact_id == contact.id, ConsentRecord.purpose == PURPOSE)
    return db.session.scalar(select(ConsentRecord).where(*mine).order_by(ConsentRecord.id.desc()).limit(1))


def _activate_chunk(
    grants: Sequence[Grant], about: dict[str, str], wording: ConsentWording | None
) -> list[list[Topic]]:
    present = {(s.contact_id, s.topic_id): s for s in _subscriptions_of([grant.contact.id for grant in grants])}
    hashes = {grant.contact.id: suppression.address_hash(grant.contact.email or "") for grant in grants}
    blocked = _blocked(set(hashes.values()))
    activated = []
    for grant in grants:
        lists = blocked.get(hashes[grant.contact.id], frozenset())
        activated.append([topic for topic in grant.topics if _may_rise(grant.contact, topic, present, lists)])
    _write_subscriptions(grants, activated, present)
    _write_records(grants, activated, hashes, about, wording)
    return activated


def _may_rise(
    contact: Contact, topic: Topic, present: dict[tuple[int, int], Subscription], blocked: frozenset[str]
) -> bool:
    if not contact.email or suppression.EVERY_LIST in blocked or topic.slug in blocked:
        return False
    subscription = present.get((contact.id, topic.id))
    return subscription is None or subscription.state not in (ACTIVE, UNSUBSCRIBED)


def _write_subscriptions(
    grants: Sequence[Grant], activated: list[list[Topic]], present: dict[tuple[int, int], Subscription]
) -> None:
    new: list[dict[str, Any]] = []
    raised: list[dict[str, Any]] = []
    for grant, topics in zip(grants, activated, strict=True):
        at = grant.at or clock.now()
        if topics:
            grant.contact.confirmed_at = grant.contact.confirmed_at or at
        for topic in topics:
            values = {"contact_id": grant.contact.id, "topic_id": topic.id, "state": ACTIVE, "since": at}
            known = present.get((grant.contact.id, topic.id))
            (new if known is None else raised).append(values if known is None else {**values, "id": known.id})
    if new:
        db.session.execute(insert(Subscription), new)
    if raised:
        db.session.execute(update(Subscription), raised)


def _write_records(
    grants: Sequence[Grant],
    activated: list[list[Topic]],
    hashes: dict[int, str],
    about: dict[str, str],
    wording: ConsentWording | None,
) -> None:
    rows = [
        {
            **about,
            "contact_id": grant.contact.id,
            "address_hash": hashes[grant.contact.id],
            "at": grant.at or clock.now(),
            "act": "given",
            "purpose": PURPOSE,
            "topics": " ".join(topic.slug for topic in topics),
            "wording_id": wording.id if wording else None,
            "evidence": grant.evidence,
        }
        for grant, topics in zip(grants, activated, strict=True)
        if topics
    ]
    if rows:
        db.session.execute(insert(ConsentRecord), rows)


def _blocked(hashes: set[str]) -> dict[str, frozenset[str]]:
    query = select(Suppression.address_hash, Suppression.list_id).where(Suppression.address_hash.in_(hashes))
    found: dict[str, set[str]] = {}
    for address_hash, list_id in db.session.execute(query):
        found.setdefault(address_hash, set()).add(list_id)
    return {address_hash: frozenset(lists) for address_hash, lists in found.items()}


def _subscriptions_of(contact_ids: Sequence[int]) -> Sequence[Subscription]:
    return db.session.scalars(select(Subscription).where(Subscription.contact_id.in_(contact_ids))).all()


def _chunks(grants: Sequence[Grant]) -> Iterator[Sequence[Grant]]:
    for start in range(0, len(grants), CHUNK):
        yield grants[start : start + CHUNK]
