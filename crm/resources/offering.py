"""What the form of a resource offers to choose from, as far as the user may see it."""

from sqlalchemy import func, or_, select

from crm.accounts.models import User
from crm.base.forms import row_number
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask
from crm.organizations.models import Organization
from crm.resources import library
from crm.resources.models import Resource

MOST = 500

Choices = list[tuple[str, str]]


def topics() -> Choices:
    """Return the public topics."""
    return [(slug, topic.name()) for slug, topic in library.topics().items()]


def organizations() -> Choices:
    """Return the organizations, members first, after none: then the coalition itself brought it out."""
    query = select(Organization.id, Organization.name)
    query = query.order_by(Organization.is_member.desc(), func.lower(Organization.name)).limit(MOST)
    return [("", "The coalition"), *((str(number), name) for number, name in db.session.execute(query))]


def asks(resource: Resource, user: User) -> Choices:
    """Return the open asks that the user sees, and the one that is chosen; one that they may not see keeps no name."""
    is_open = Ask.state.in_(["planned", "made", "agreed"])
    query = select(Ask.id, Ask.title).where(or_(is_open, Ask.id == resource.ask_id), access.asks(user))
    found = [(str(number), title) for number, title in db.session.execute(query.order_by(Ask.title).limit(MOST))]
    if resource.ask_id and not any(row_number(number) == resource.ask_id for number, _ in found):
        found.append((str(resource.ask_id), "An ask that you do not see"))
    return [("", "None"), *found]


def ask_of(resource: Resource, user: User) -> Ask | None:
    """Return the ask of a resource, where the user sees it."""
    return db.session.scalar(select(Ask).where(Ask.id == resource.ask_id, access.asks(user)))


def topic_names(resource: Resource) -> list[str]:
    """Return the names of the topics of a resource."""
    known = library.topics()
    return [known[slug].name() for slug in resource.topics if slug in known]
