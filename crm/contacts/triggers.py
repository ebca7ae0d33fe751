"""What happens to contacts that a sequence of mailings may begin with."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, null, select

from crm.base.segment_fields import segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts.models import Contact, Subscription, Tag, Topic, contact_tag
from crm.contacts.subscriptions import ACTIVE


def register() -> None:
    """Offer them."""
    triggers.add("confirmed", Trigger("Confirmed the sign-up", _confirmed))
    triggers.add("subscribed", Trigger("Subscribed to the topic", _subscribed, lambda: _choices("topic")))
    triggers.add("tagged", Trigger("Got the tag", _tagged, lambda: _choices("tag"), dated=False))


def _confirmed(_value: str, since: datetime) -> Select[Any, Any]:
    return select(Contact.id, Contact.confirmed_at).where(Contact.confirmed_at >= since)


def _subscribed(slug: str, since: datetime) -> Select[Any, Any]:
    topic = select(Topic.id).where(Topic.slug == slug).scalar_subquery()
    query = select(Subscription.contact_id, Subscription.since).where(Subscription.topic_id == topic)
    return query.where(Subscription.state == ACTIVE, Subscription.since >= since)


def _tagged(name: str, _since: datetime) -> Select[Any, Any]:
    query = select(contact_tag.c.contact_id, null()).join(Tag, Tag.id == contact_tag.c.tag_id)
    return query.where(Tag.name == name)


def _choices(field: str) -> list[tuple[str, str]]:
    choices = segment_fields[field].choices
    return choices() if choices else []
