"""What a subscriber changes on the preference page: topics, name, language."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from crm.contacts import consent, joining, leaving, subscriptions, timeline
from crm.contacts.models import ConsentWording, Contact, Topic
from crm.delivery import suppression

METHOD = "preference_page"


@dataclass
class Changes:
    """What came of it: topics added, topics left, and topics that wait for a new confirmation by mail."""

    added: list[Topic] = field(default_factory=list)
    left: list[Topic] = field(default_factory=list)
    waiting: list[Topic] = field(default_factory=list)


def choices(contact: Contact) -> list[Topic]:
    """Return the topics of the page: the public ones, and internal ones that the contact gets."""
    states = subscriptions.states(contact)
    own = [slug for slug, state in states.items() if state == subscriptions.ACTIVE]
    public = subscriptions.public_topics()
    return [*public, *(topic for topic in subscriptions.named(own) if topic not in public)]


def change_profile(contact: Contact, **values: str) -> None:
    """Set the name or the language."""
    for name, value in values.items():
        setattr(contact, name, value)


def choose_topics(
    contact: Contact, wanted: Collection[str], *, wording: ConsentWording | None, place: str, network: str
) -> Changes:
    """Subscribe to what is wanted and leave the rest of the page's topics.

    A topic that the person had left comes back only by a new double opt-in: it waits for the link in a mail.
    """
    states, page = subscriptions.states(contact), choices(contact)
    changes = Changes(
        left=[t for t in page if t.slug not in wanted and states.get(t.slug) == subscriptions.ACTIVE],
    )
    for topic in page:
        if topic.slug in wanted and states.get(topic.slug) != subscriptions.ACTIVE:
            (changes.waiting if _was_left(contact, topic, states) else changes.added).append(topic)
    for topic in changes.left:
        leaving.unsubscribe(contact, topic, method=METHOD, place=place)
    if changes.added:
        _add(contact, changes.added, wording, place, network)
    if changes.waiting:
        _ask_for(contact, changes.waiting, wording, place, network)
    return changes


def _was_left(contact: Contact, topic: Topic, states: dict[str, str]) -> bool:
    if states.get(topic.slug) == subscriptions.UNSUBSCRIBED:
        return True
    return suppression.blocks(contact.email or "", topic.slug, "bulk")


def _add(contact: Contact, topics: Sequence[Topic], wording: ConsentWording | None, place: str, network: str) -> None:
    consent.give(
        contact,
        topics,
        method=METHOD,
        wording_id=wording.id if wording else None,
        place=place,
        ip=network,
        evidence={"page": "preferences"},
    )
    timeline.record(contact, "consent", "Added " + ", ".join(topic.name() for topic in topics))


def _ask_for(
    contact: Contact, topics: Sequence[Topic], wording: ConsentWording | None, place: str, network: str
) -> None:
    joining.ask(
        joining.Request(
            email=contact.email or "",
            topics=topics,
            language=contact.language,
            form_id=f"preferences:{secrets.token_hex(8)}",
            wording_id=wording.id if wording else None,
            place=place,
            network=network,
        )
    )
