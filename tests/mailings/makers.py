"""Makers of mailings for these tests."""

from typing import Any

from crm.contacts.models import ConsentRecord, Contact, Segment, Topic
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.models import Mailing
from tests import factories

BODY = """Dear {{ first_name | default: "friend" }},

please read https://bridgeway.example/report?a=1&b=2 today.

[button: Sign now](https://bridgeway.example/sign)
"""


def topic_id(slug: str = "action-alerts") -> int:
    return db.session.query(Topic.id).filter_by(slug=slug).scalar()


def make_mailing(slug: str = "action-alerts", **values: Any) -> Mailing:
    """A newsletter to the subscribers of a topic."""
    defaults: dict[str, Any] = {
        "kind": "newsletter",
        "subject": "Licensing moves",
        "preheader": "What happened",
        "body": BODY,
        "topic_id": topic_id(slug),
        "audience": {"people": "topic", "segment": None},
    }
    by = values.pop("by", "alice@bridgeway.example")
    mailing = composing.create({**defaults, **values}, by=by)
    db.session.commit()
    return mailing


def make_people(number: int, subscribed: str = "active", slug: str = "action-alerts", **values: Any) -> list[Contact]:
    people = [factories.make_contact(topics={slug: subscribed}, **values) for _ in range(number)]
    db.session.commit()
    return people


def make_segment(name: str = "Ohio", **conditions: str) -> Segment:
    """A segment of those whose fields are these."""
    items = [{"field": field, "test": "is", "value": value} for field, value in conditions.items()]
    segment = factories.add(Segment(name=name, definition={"op": "and", "not": False, "items": items}))
    db.session.commit()
    return segment


def make_consent(contact: Contact, topics: str, method: str = "double_opt_in") -> ConsentRecord:
    record = ConsentRecord(
        contact_id=contact.id,
        address_hash="x",
        act="given",
        purpose="sign_up",
        topics=topics,
        method=method,
        evidence={},
    )
    return factories.add(record)
