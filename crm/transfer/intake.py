"""The rules of an import: what a row may change of a person on record, and what it never changes.

Blanks are filled, nothing is overwritten. Consent needs the row's own evidence or a statement for the whole
file, and never lifts an unsubscribe or a suppression. Whoever left elsewhere is kept out here too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from crm.contacts import subscriptions
from crm.contacts.custom_fields import answers
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.forgetting.forgetting import FORGOTTEN
from crm.contacts.merging import former
from crm.contacts.models import ConsentRecord, Contact, Subscription, Tag, Topic, contact_tag
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.transfer import rows
from crm.transfer.rows import Row

REASONS = {rows.UNSUBSCRIBED: "unsubscribe", rows.BOUNCED: "hard_bounce", rows.COMPLAINED: "complaint"}
DOUBLE_OPT_IN = "double_opt_in"


@dataclass(frozen=True)
class Terms:
    """What holds for the whole file: topics by slug, the statement of consent, where it came from, who imports."""

    topics: Sequence[str]
    consent: str
    filename: str
    program: str
    label: str
    url: str
    actor: str


@dataclass
class Verdict:
    """What one row comes to: the person on record if any, and each change that it makes; none where it is left out."""

    row: Row
    contact: Contact | None
    fills: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    activate: list[Topic] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    leave: str = ""
    left_out: bool = False
    outcome: Counter[str] = field(default_factory=Counter)


@dataclass
class Known:
    """What is on record of the people of some rows."""

    topics: Sequence[Topic]
    contacts: dict[str, Contact]
    former: frozenset[str]
    tags: dict[int, set[str]]
    answers: dict[int, dict[str, Answer]]
    states: dict[int, dict[int, str]]
    blocked: dict[str, dict[str, str]]
    confirmed: dict[int, datetime]


def judge(batch: Sequence[Row], terms: Terms, *, lock: bool = False) -> list[Verdict]:
    """Return what each row comes to, and write nothing; no address may stand in the batch twice.

    `lock` holds the people on record until the transaction ends.
    """
    known = _known(batch, terms, lock)
    return [_verdict(row, terms, known) for row in batch]


def _verdict(row: Row, terms: Terms, known: Known) -> Verdict:
    contact = known.contacts.get(row.email)
    verdict = Verdict(row, contact)
    if contact is None and known.blocked.get(row.email, {}).get(suppression.EVERY_LIST) == FORGOTTEN:
        verdict.left_out = True
        verdict.outcome["forgotten"] += 1
        return verdict
    if contact is not None:
        verdict.fills = {name: text for name, text in row.profile.items() if _is_blank(contact, name)}
        has = known.tags.get(contact.id, set())
        verdict.tags = [tag for tag in row.tags if tag not in has]
        given = known.answers.get(contact.id, {})
        verdict.answers = {key: answer for key, answer in row.answers.items() if key not in given}
    else:
        verdict.fills, verdict.tags, verdict.answers = row.profile, row.tags, row.answers
    if row.standing in rows.GONE:
        _take_out(verdict, known)
    else:
        _let_in(verdict, terms, known)
    changed = verdict.fills or verdict.tags or verdict.answers or verdict.activate or verdict.leave
    verdict.outcome["new" if contact is None else "updated" if changed else "unchanged"] += 1
    return verdict


def _is_blank(contact: Contact, name: str) -> bool:
    # A language always stands there, chosen or not, so that it is never filled in later.
    return name != "language" and not getattr(contact, name)


def _take_out(verdict: Verdict, known: Known) -> None:
    row, contact = verdict.row, verdict.contact
    if contact is not None and row.standing == rows.UNSUBSCRIBED and row.left_at:
        confirmed = known.confirmed.get(contact.id)
        if confirmed and confirmed > row.left_at:
            return  # Came back later, by a double opt-in here.
    reason = REASONS[row.standing]
    blocked = known.blocked.get(row.email, {}).get(suppression.EVERY_LIST)
    stands = blocked is not None and (blocked in suppression.HARD or reason not in suppression.HARD)
    states = known.states.get(contact.id, {}) if contact else {}
    listed = {topic.id for topic in known.topics} <= states.keys()
    if not (stands and listed and set(states.values()) <= {subscriptions.UNSUBSCRIBED}):
        verdict.leave = reason
        verdict.outcome["taken_out"] += 1


def _let_in(verdict: Verdict, terms: Terms, known: Known) -> None:
    row, contact = verdict.row, verdict.contact
    states = known.states.get(contact.id, {}) if contact else {}
    missing = [topic for topic in known.topics if states.get(topic.id) != subscriptions.ACTIVE]
    if not missing:
        return
    blocked = known.blocked.get(row.email, {})
    possible = [
        topic
        for topic in missing
        if states.get(topic.id) != subscriptions.UNSUBSCRIBED
        and topic.slug not in blocked
        and suppression.EVERY_LIST not in blocked
    ]
    verdict.evidence = _evidence(row, terms)
    if not possible or row.email in known.former:  # An address that was given up in a merge subscribes to nothing.
        verdict.outcome["kept_out"] += 1
    elif verdict.evidence:
        verdict.activate = possible
        verdict.outcome["activated"] += 1
    else:
        verdict.outcome["no_consent"] += 1


def _evidence(row: Row, terms: Terms) -> dict[str, str]:
    """Return what proves the consent of this row, or nothing."""
    if row.standing not in (rows.OPEN, rows.SUBSCRIBED) or not (row.evidence or terms.consent):
        return {}
    proof = dict(row.evidence) or {"statement": terms.consent}
    if row.at and not row.evidence:
        proof["subscribed_at"] = row.at.isoformat()
    if row.standing == rows.SUBSCRIBED:
        proof["status"] = row.standing
    return proof | {"program": terms.program, "file": terms.filename, "row": str(row.number)}


def _known(batch: Sequence[Row], terms: Terms, lock: bool) -> Known:
    emails = [row.email for row in batch]
    query = select(Contact).where(Contact.email.in_(emails)).order_by(Contact.id)
    found = {one.email or "": one for one in db.session.scalars(query.with_for_update() if lock else query)}
    given_up = former.with_addresses([email for email in emails if email not in found], lock=lock)
    ids = [contact.id for contact in {**given_up, **found}.values()]
    gone = {row.email for row in batch if row.standing in rows.GONE}
    return Known(
        topics=subscriptions.named(terms.topics),
        contacts={**given_up, **found},
        former=frozenset(given_up),
        tags=_tags(ids),
        answers=answers.of_all(ids) if any(row.answers for row in batch) else {},
        states=_states(ids),
        blocked=_blocked(emails),
        confirmed=_confirmed([found[email].id for email in gone if email in found]),
    )


def _tags(ids: Sequence[int]) -> dict[int, set[str]]:
    query = select(contact_tag.c.contact_id, Tag.name).join(Tag, Tag.id == contact_tag.c.tag_id)
    found: dict[int, set[str]] = {}
    for contact_id, name in db.session.execute(query.where(contact_tag.c.contact_id.in_(ids))):
        found.setdefault(contact_id, set()).add(name)
    return found


def _states(ids: Sequence[int]) -> dict[int, dict[int, str]]:
    query = select(Subscription.contact_id, Subscription.topic_id, Subscription.state)
    found: dict[int, dict[int, str]] = {}
    for contact_id, topic_id, state in db.session.execute(query.where(Subscription.contact_id.in_(ids))):
        found.setdefault(contact_id, {})[topic_id] = state
    return found


def _blocked(emails: Sequence[str]) -> dict[str, dict[str, str]]:
    hashes = {suppression.address_hash(email): email for email in emails}
    query = select(Suppression.address_hash, Suppression.list_id, Suppression.reason)
    found: dict[str, dict[str, str]] = {}
    for address_hash, list_id, reason in db.session.execute(query.where(Suppression.address_hash.in_(hashes))):
        found.setdefault(hashes[address_hash], {})[list_id] = reason
    return found


def _confirmed(ids: Sequence[int]) -> dict[int, datetime]:
    """Return when these people last confirmed by a double opt-in here."""
    query = select(ConsentRecord.contact_id, func.max(ConsentRecord.at).label("at")).group_by(ConsentRecord.contact_id)
    query = query.where(ConsentRecord.contact_id.in_(ids), ConsentRecord.method == DOUBLE_OPT_IN)
    return {row.contact_id: row.at for row in db.session.execute(query)} if ids else {}
