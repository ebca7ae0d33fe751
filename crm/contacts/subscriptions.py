"""Topics, and who is subscribed to them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from crm.contacts.models import Contact, Subscription, Topic
from crm.extensions import db

PENDING, ACTIVE, UNSUBSCRIBED = "pending", "active", "unsubscribed"
PUBLIC = select(Topic).where(Topic.public).order_by(Topic.position, Topic.id)


def public_topics() -> Sequence[Topic]:
    """Return the topics that visitors may choose, in their order."""
    return db.session.scalars(PUBLIC).all()


def named(slugs: Iterable[str]) -> Sequence[Topic]:
    """Return the topics of these slugs, in their order; unknown ones are left out."""
    wanted = list(slugs)
    if not wanted:
        return []
    return db.session.scalars(select(Topic).where(Topic.slug.in_(wanted)).order_by(Topic.position, Topic.id)).all()


def states(contact: Contact) -> dict[str, str]:
    """Return the state of each subscription of the contact, by the topic's slug."""
    query = select(Topic.slug, Subscription.state).join(Topic).where(Subscription.contact_id == contact.id)
    return {row.slug: row.state for row in db.session.execute(query)}


def gets_mail(contact: Contact) -> bool:
    """Tell whether the contact is active in any topic."""
    return ACTIVE in states(contact).values()


def active(topic: Topic | None = None) -> Select[int]:
    """Return the query of the ids of contacts with an address who are active in the topic, or in any."""
    subscribed = select(Subscription.contact_id).where(Subscription.state == ACTIVE)
    if topic is not None:
        subscribed = subscribed.where(Subscription.topic_id == topic.id)
    return select(Contact.id).where(Contact.id.in_(subscribed), Contact.email.is_not(None))
