"""Two records side by side: in what they differ, what would move, and whether that is still what was seen."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from crm.base import registries
from crm.base.locales import LANGUAGES
from crm.base.registries import Choice
from crm.contacts.models import ConsentRecord, Contact, Source, Subscription, TimelineEntry, Topic, contact_tag
from crm.contacts.timeline import seen_by
from crm.extensions import db

LABELS = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "organization_name": "Organization",
    "phone": "Phone",
    "city": "City",
    "state": "State",
    "zip_code": "ZIP code",
    "language": "Language",
    "zone": "Time zone",
}


def choices(kept: Contact, gone: Contact) -> list[Choice]:
    """Return all that stands in either record, field by field."""
    own = [Choice(name, label, _shown(kept, name), _shown(gone, name)) for name, label in LABELS.items()]
    own.append(Choice("source_id", "Source", _source(kept.source), _source(gone.source)))
    found = [*own, *(choice for each in registries.merges for choice in each.choices(kept.id, gone.id))]
    return [choice for choice in found if choice.kept or choice.gone]


def differing(found: Sequence[Choice]) -> list[Choice]:
    """Return those where both say something, and not the same."""
    return [choice for choice in found if choice.kept and choice.gone and choice.kept != choice.gone]


def digest(kept: Contact, gone: Contact, found: Sequence[Choice]) -> str:
    """Return what tells later whether somebody changed one of the two since this was shown."""
    told = [kept.id, gone.id, *([choice.name, choice.kept, choice.gone] for choice in found)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def counts(gone: Contact, user: Any) -> list[tuple[str, int]]:
    """Return what moves, in words, and how much of it, as far as the user sees it."""
    seen = seen_by(user.organization_id)
    queries = {
        "subscriptions": select(func.count()).where(Subscription.contact_id == gone.id),
        "records of consent": select(func.count()).where(ConsentRecord.contact_id == gone.id),
        "tags": select(func.count()).where(contact_tag.c.contact_id == gone.id),
        "entries of the timeline": select(func.count()).where(TimelineEntry.contact_id == gone.id, seen),
    }
    for each in registries.merges:
        queries |= each.counts(gone.id, user)
    numbers = db.session.execute(select(*(query.scalar_subquery() for query in queries.values()))).one()
    return [(words, number) for words, number in zip(queries, numbers, strict=True) if number]


def subscribed(contact: Contact) -> list[tuple[str, str]]:
    """Return the topics of a contact and the state of each."""
    query = select(Topic, Subscription.state).join(Subscription, Subscription.topic_id == Topic.id)
    query = query.where(Subscription.contact_id == contact.id).order_by(Topic.position, Topic.id)
    return [(topic.name(), state) for topic, state in db.session.execute(query)]


def _shown(contact: Contact, name: str) -> str:
    value = str(getattr(contact, name) or "")
    return LANGUAGES.get(value, value) if name == "language" else value


def _source(source: Source | None) -> str:
    return source.label if source else ""
