"""How a contact stands with us, in one word: what their subscriptions and the suppressions come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from crm.contacts import subscriptions
from crm.contacts.models import Contact, Subscription, Topic
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db

ACTIVE, PENDING, UNSUBSCRIBED = subscriptions.ACTIVE, subscriptions.PENDING, subscriptions.UNSUBSCRIBED
NONE, BLOCKED = "none", "blocked"
WORDS = {
    ACTIVE: "Active",
    PENDING: "Waiting for confirmation",
    UNSUBSCRIBED: "Unsubscribed",
    NONE: "Not subscribed",
    BLOCKED: "Address blocked",
}
TONES = {ACTIVE: "good", PENDING: "warn", BLOCKED: "bad"}
REASONS = {
    "unsubscribe": "unsubscribed",
    "hard_bounce": "mail bounced: the address does not exist",
    "complaint": "marked our mail as spam",
    "erased": "asked to be erased",
    "abuse": "the address was abused",
}


@dataclass
class Status:
    """One word for a contact, the state of each topic by its slug, and what blocks the address: list -> reason."""

    word: str = NONE
    topics: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return WORDS[self.word]

    @property
    def tone(self) -> str:
        return TONES.get(self.word, "")


def of(contacts: Sequence[Contact]) -> dict[int, Status]:
    """Return the status of each contact by its id, with two queries."""
    found = {contact.id: Status() for contact in contacts}
    query = select(Subscription.contact_id, Topic.slug, Subscription.state).join(Topic).order_by(Topic.position)
    for contact_id, slug, state in db.session.execute(query.where(Subscription.contact_id.in_(found))):
        found[contact_id].topics[slug] = state
    blocked = _blocked(contacts)
    for contact in contacts:
        status = found[contact.id]
        status.blocked = blocked.get(contact.id, {})
        status.word = _word(status)
    return found


def _word(status: Status) -> str:
    if status.blocked.get(suppression.EVERY_LIST) in suppression.HARD:
        return BLOCKED
    states = set(status.topics.values())
    if suppression.EVERY_LIST in status.blocked and states:
        return PENDING if PENDING in states else UNSUBSCRIBED
    return next((word for word in (ACTIVE, PENDING, UNSUBSCRIBED) if word in states), NONE)


def _blocked(contacts: Sequence[Contact]) -> dict[int, dict[str, str]]:
    hashes = {suppression.address_hash(contact.email): contact.id for contact in contacts if contact.email}
    query = select(Suppression.address_hash, Suppression.list_id, Suppression.reason)
    found: dict[int, dict[str, str]] = {}
    for address_hash, list_id, reason in db.session.execute(query.where(Suppression.address_hash.in_(hashes))):
        found.setdefault(hashes[address_hash], {})[list_id] = reason
    return found
