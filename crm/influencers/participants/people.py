"""From what somebody types (names, addresses) to the contacts and colleagues that are meant."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.base.words import searched
from crm.contacts import addresses
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer

MOST = 50
SHOWN = 5
FIELD = "participants"
BETWEEN = re.compile(r"[,;\n]")
ADDRESS = re.compile(r"<?([^\s<>@]+@[^\s<>@]+)>?$")
NUMBER = re.compile(r"#(\d{1,9})$")


@dataclass(frozen=True)
class People:
    """Those who take part: contacts, and users of the staff."""

    contacts: Sequence[Contact] = field(default_factory=tuple)
    users: Sequence[User] = field(default_factory=tuple)


def find(typed: str, user: User | None, of: str = FIELD) -> People:
    """Return whom the text names, each once; raises Refused about the field `of`, saying what to write instead.

    Entries stand on lines of their own or between commas: an e-mail address of anybody on record or of the staff, the
    number of a contact (`#12`), or the name of an influencer whom the user sees or of a colleague.
    """
    entries = [text for part in BETWEEN.split(typed or "") if (text := " ".join(part.split()))]
    if len(entries) > MOST:
        raise Refused(f"Name at most {MOST} people.", of)
    at = {entry: _at(entry) for entry in dict.fromkeys(entries) if "@" in entry}
    of_address = by_address(at.values())
    found: list[Contact | User] = []
    for entry in dict.fromkeys(entries):
        meant = [of_address[at[entry]]] if at.get(entry) in of_address else []
        found.append(_the_one(entry, meant if entry in at else _meant(entry, user), of))
    contacts = {one.id: one for one in found if isinstance(one, Contact)}
    return People(list(contacts.values()), list({one.id: one for one in found if isinstance(one, User)}.values()))


def of_addresses(wanted: Iterable[str]) -> People:
    """Return the staff and the contacts on record who have these addresses, in their order, each once."""
    found = list(dict.fromkeys(by_address(wanted).values()))
    return People([one for one in found if isinstance(one, Contact)], [one for one in found if isinstance(one, User)])


def by_address(wanted: Iterable[str]) -> dict[str, Contact | User]:
    """Return of these addresses, in their order, who of the staff or on record has each, or had it before a merge."""
    sought = list(dict.fromkeys(filter(None, map(normal, wanted))))
    if not sought:
        return {}
    found: dict[str, Contact | User] = {}
    found |= {one.email: one for one in db.session.scalars(select(User).where(User.email.in_(sought)))}
    others = [address for address in sought if address not in found]
    for one in db.session.scalars(select(Contact).where(Contact.email.in_(others))):
        found[one.email or ""] = one
    if left := [address for address in others if address not in found]:
        found |= former.with_addresses(left)
    return {address: found[address] for address in sought if address in found}


def written(people: People) -> str:
    """Return the text that `find` reads back, one a line."""
    return "\n".join([*map(_contact, people.contacts), *(f"{_plain(one.name)} <{one.email}>" for one in people.users)])


def _contact(one: Contact) -> str:
    return f"{_plain(one.name)} <{one.email}>" if one.email and one.name != one.email else one.email or _numbered(one)


def _numbered(one: Contact) -> str:
    return f"{_plain(one.name)} #{one.id}"


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[,;<>#]", " ", name).split())


def normal(text: str) -> str:
    """Return an address as it is kept, "" where it is none."""
    try:
        return addresses.normalize(text)
    except addresses.BadAddress:
        return ""


def _at(entry: str) -> str:
    """Return the address of an entry, as it is kept; "" where it has none."""
    return normal(match[1]) if (match := ADDRESS.search(entry)) else ""


def _meant(entry: str, user: User | None) -> list[Contact | User]:
    """Return whom an entry without an address may mean."""
    if match := NUMBER.search(entry):
        numbered = former.contact(int(match[1]))
        return [numbered] if numbered else []
    return _of_name(entry, user)


def _the_one(entry: str, found: list[Contact | User], of: str) -> Contact | User:
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refused(f"Nobody on record is “{entry}”. Write an e-mail address, or add the person first.", of)
    several = "; ".join(_told(one) for one in found[:SHOWN])
    raise Refused(f"“{entry}” may be several: {several}. Write one of these.", of)


def _told(one: Contact | User) -> str:
    return f"{one.name} <{one.email}>" if one.email else _numbered(one) if isinstance(one, Contact) else one.name


def _of_name(name: str, user: User | None) -> list[Contact | User]:
    """Return those of exactly that name; where there are none, those whose names contain all of the words."""
    full = Contact.first_name + " " + Contact.last_name
    contacts = select(Contact).join(Influencer, Influencer.contact_id == Contact.id)
    contacts = contacts.where(*_contains(full, name), access.influencers(user))
    contacts = contacts.order_by(func.lower(full) != name.lower(), func.lower(full), Contact.id)
    users = select(User).where(User.active, *_contains(User.name, name))
    users = users.order_by(func.lower(User.name) != name.lower(), func.lower(User.name), User.id)
    # One more than are shown is enough to know that they are several.
    found: list[Contact | User] = [
        *db.session.scalars(contacts.limit(SHOWN + 1)),
        *db.session.scalars(users.limit(SHOWN + 1)),
    ]
    return [one for one in found if one.name.casefold() == name.casefold()] or found


def _contains(column: Any, name: str) -> list[ColumnElement[bool]]:
    return [column.icontains(word, autoescape=True) for word in searched(name)]
