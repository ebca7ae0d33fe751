"""How a contact stands with us, in one word: what their subscriptions and the suppressions come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, case, false, select

from crm.contacts import subscriptions
from crm.contacts.models import Contact, Subscription, Topic
from crm.contacts.segment_tests import among
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


def word() -> ColumnElement[str]:
    """Return the expression of a contact's word: active means that bulk mail on some topic goes out to the address."""
    suppressed = select(Suppression.list_id).where(Suppression.address_hash == Contact.address_hash).correlate(Contact)
    everything = suppressed.where(Suppression.list_id == suppression.EVERY_LIST)
    subscribed = select(Subscription.id).where(Subscription.contact_id == Contact.id).correlate(Contact)
    # Not a join: SQLite would begin it with the topic, and read all who ever subscribed to it for each contact.
    slug = select(Topic.slug).where(Topic.id == Subscription.topic_id).correlate(Subscription)
    open_topic = ~suppressed.where(Suppression.list_id == slug.scalar_subquery()).exists()
    active = subscribed.where(Subscription.state == ACTIVE, open_topic).exists()
    return case(
        (everything.where(Suppression.reason.in_(suppression.HARD)).exists(), BLOCKED),
        (active & ~everything.exists(), ACTIVE),
        (subscribed.where(Subscription.state == PENDING).exists(), PENDING),
        (subscribed.exists(), UNSUBSCRIBED),
        else_=NONE,
    )


def having(wanted: str) -> ColumnElement[bool]:
    """Return the condition that this is a contact's word, by sets: of a million it is told several times as fast."""
    suppressed, subscribed = select(Suppression.address_hash), select(Subscription.contact_id)
    hard = suppressed.where(Suppression.list_id == suppression.EVERY_LIST, Suppression.reason.in_(suppression.HARD))
    blocked = Contact.address_hash.in_(hard)
    # Of the few of whom anything is suppressed, only their own subscriptions can tell what goes out to them. All others
    # are told by their ids, which the indexes hold.
    unreached = select(Contact.id).where(Contact.address_hash.in_(suppressed), word() != ACTIVE).correlate(None)
    active, pending = (subscribed.where(Subscription.state == state) for state in (ACTIVE, PENDING))
    waiting = among(pending)
    # A set of its own: “not (active and reached)” is nothing that PostgreSQL can join.
    inactive = among(active.where(Subscription.contact_id.not_in(unreached)), False)
    standing = {
        BLOCKED: blocked,
        ACTIVE: among(active) & among(unreached, False),
        PENDING: waiting & inactive & ~blocked,
        UNSUBSCRIBED: among(subscribed) & ~waiting & inactive & ~blocked,
        NONE: among(subscribed, False) & ~blocked,
    }
    return standing.get(wanted, false())


def of(contacts: Sequence[Contact]) -> dict[int, Status]:
    """Return the status of each contact by its id, with two queries."""
    ids = [contact.id for contact in contacts]
    found: dict[int, Status] = {}
    words = select(Contact.id, word(), Suppression.list_id, Suppression.reason)
    words = words.outerjoin(Suppression, Suppression.address_hash == Contact.address_hash)
    for contact_id, standing, list_id, reason in db.session.execute(words.where(Contact.id.in_(ids))):
        status = found.setdefault(contact_id, Status(standing))
        if list_id is not None:
            status.blocked[list_id] = reason
    query = select(Subscription.contact_id, Topic.slug, Subscription.state).join(Topic).order_by(Topic.position)
    for contact_id, slug, state in db.session.execute(query.where(Subscription.contact_id.in_(ids))):
        found[contact_id].topics[slug] = state
    return found
