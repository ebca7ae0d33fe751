"""Makers of rows with good defaults; each adds to the session and flushes."""

import itertools
from datetime import date, timedelta
from typing import Any

from crm.accounts import passwords
from crm.accounts.models import User
from crm.base import clock
from crm.campaigns.models import Campaign
from crm.contacts.models import ConsentWording, Contact, Subscription, Tag, Topic
from crm.extensions import db
from crm.goals.models import Goal
from crm.influencers import asks
from crm.influencers.models import Ask, Influencer
from crm.organizations.models import Coalition, Organization

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)
_hashes: dict[str, str] = {}


def add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def make_coalition(**values: Any) -> Coalition:
    """The coalition of the tests, with three public topics."""
    defaults = {
        "name": "Bridgeway Coalition",
        "purpose": "We help immigrant professionals work in the jobs they trained for.",
        "sender_name": "Bridgeway Coalition",
        "sender_email": "news@bridgeway.example",
        "postal_address": "12 Harbor Street, Boston, MA 02110",
        "set_up_at": clock.now(),
    }
    coalition = add(Coalition(**{**defaults, **values}))
    make_topic("action-alerts", en="Action alerts", es="Alertas de acción", ar="تنبيهات العمل", default=True)
    make_topic("research", en="Research", es="Investigación", ar="أبحاث")
    make_topic("webinars", en="Webinars", es="Seminarios web", ar="ندوات عبر الإنترنت")
    return coalition


def make_topic(slug: str, *, default: bool = False, public: bool = True, **names: str) -> Topic:
    return add(Topic(slug=slug, names=names or {"en": slug.title()}, descriptions={}, default=default, public=public))


def make_user(role: str = "admin", **values: Any) -> User:
    number = next(_numbers)
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = passwords.make_hash(PASSWORD)
    defaults = {"email": f"user{number}@bridgeway.example", "name": f"User {number}", "role": role}
    return add(User(**{**defaults, "password_hash": _hashes[PASSWORD], **values}))


def make_organization(name: str | None = None, **values: Any) -> Organization:
    return add(Organization(name=name or f"Organization {next(_numbers)}", **values))


def make_contact(email: str | None = None, *, topics: dict[str, str] | None = None, **values: Any) -> Contact:
    """A contact; topics maps slugs to states, and an active one counts as confirmed a day ago."""
    number = next(_numbers)
    defaults: dict[str, Any] = {"first_name": "Amina", "last_name": f"Contact{number}", "share_code": f"s{number}"}
    if topics and "active" in topics.values():
        defaults["confirmed_at"] = clock.now() - timedelta(days=1)
    contact = add(Contact(email=email or f"contact{number}@mail.example", **{**defaults, **values}))
    for slug, state in (topics or {}).items():
        topic = db.session.query(Topic).filter_by(slug=slug).one()
        add(Subscription(contact=contact, topic=topic, state=state, since=clock.now()))
    return contact


def make_campaign(name: str = "Licensing reform", **values: Any) -> Campaign:
    return add(Campaign(name=name, **values))


def make_goal(**values: Any) -> Goal:
    """A goal of 800 supporters in 2026."""
    defaults: dict[str, Any] = {"metric": "confirmed_sign_ups", "title": "Supporters", "target": 800}
    defaults |= {"starts_on": date(2026, 1, 1), "deadline": date(2026, 12, 31)}
    return add(Goal(**{**defaults, **values}))


def make_tag(name: str) -> Tag:
    return add(Tag(name=name))


def make_wording(language: str = "en", *, live: bool = True) -> ConsentWording:
    return add(
        ConsentWording(
            purpose="sign_up",
            language=language,
            text=f"I agree to get e-mail. ({language})",
            digest=f"digest-{language}-{next(_numbers)}",
            reviewed_by="Alice Admin",
            reviewed_at=clock.now(),
            live=live,
        )
    )


def make_influencer(first_name: str = "Iris", last_name: str = "Influential", **values: Any) -> Influencer:
    """An influencer with a contact of its own, unless one is given."""
    contact = values.pop("contact", None) or make_contact(first_name=first_name, last_name=last_name)
    return add(Influencer(contact=contact, version=1, **values))


def make_ask(influencer: Influencer | None = None, user: User | None = None, **values: Any) -> Ask:
    defaults = {"title": "Speak at the spring forum", "category": "visibility"}
    return asks.plan(influencer or make_influencer(), {**defaults, **values}, user)
