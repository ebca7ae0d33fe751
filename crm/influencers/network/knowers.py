"""Whom staff mean by a choice, a name or an e-mail address."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.base.forms import row_number
from crm.base.words import searched
from crm.contacts import addresses
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.network.acquaintances import Knower
from crm.organizations.models import Organization

SOMEBODY, ME = "contact", "me"
MOST = 10


def chosen(choice: str, user: User) -> Knower:
    """Return the user or organization of a choice `me`, `user:3` or `organization:4`; raises Refused."""
    kind, _, number = choice.partition(":")
    if kind == ME:
        return Knower(user=user)
    number_of = row_number(number)
    colleague = db.session.get(User, number_of) if kind == "user" else None
    organization = db.session.get(Organization, number_of) if kind == "organization" else None
    if not (colleague or organization):
        raise Refused("Choose who knows them.", "knower")
    return Knower(user=colleague, organization=organization)


def named(words: str) -> Sequence[Contact]:
    """Return the contacts of that e-mail address, or whose name holds all the words; ten at most, by name."""
    query = select(Contact).options(joinedload(Contact.source)).order_by(Contact.last_name, Contact.first_name)
    if "@" in words:
        try:
            return db.session.scalars(query.where(Contact.email == addresses.normalize(words))).all()
        except addresses.BadAddress:
            return []
    for word in searched(words):
        names = (Contact.first_name, Contact.last_name)
        query = query.where(or_(*(name.icontains(word, autoescape=True) for name in names)))
    return db.session.scalars(query.order_by(Contact.id).limit(MOST)).all() if words.split() else []
