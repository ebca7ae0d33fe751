"""Possible duplicates: people of the same name of whom one more fact agrees, and whom nobody told apart yet."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from crm.base import audit, clock
from crm.base.database import insert_into
from crm.contacts.keys import name_key_of
from crm.contacts.merging import uniting
from crm.contacts.merging.models import NotTheSame
from crm.contacts.models import NAMED, Contact
from crm.extensions import db

SHOWN = 50
COMPARED = 2000  # Names that more than one has; so many are looked at for a page.
NAMESAKES = 40  # People of one name who are compared with each other, the newest of them.
BATCH = 200
SEARCHED = (Contact.first_name, Contact.last_name, Contact.organization_name, Contact.email)
DOTLESS = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True)
class Pair:
    """Two who may be the same, the older record first, and in what they agree beside the name."""

    first: Contact
    second: Contact
    agree: Sequence[str]


def found(user: Any, most: int = SHOWN) -> list[Pair]:
    """Return possible duplicates among those whom the user may merge, the newest records first."""
    return list(itertools.islice(_all(user), most))


def of(contact: Contact, user: Any, most: int = 10) -> list[Pair]:
    """Return who may be the same as this contact."""
    if not contact.name_key:
        return []
    return [pair for pair in _compared([contact.name_key], user) if contact in (pair.first, pair.second)][:most]


def named(words: str, contact: Contact, user: Any) -> Sequence[Contact]:
    """Return the others of that e-mail address, or whose name or organization holds all the words; by name."""
    query = select(Contact).where(Contact.id != contact.id, *uniting.seen(user))
    for word in words.split()[:10]:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    ordered = query.order_by(Contact.last_name, Contact.first_name, Contact.id).limit(SHOWN)
    return db.session.scalars(ordered).all() if words.split() else []


def agreements(one: Contact, other: Contact) -> list[str]:
    """Return in what two contacts agree beside the name."""
    facts = {
        "organization": [name_key_of(each.organization_name) for each in (one, other)],
        "ZIP code": [each.zip_code.replace(" ", "")[:5] for each in (one, other)],
        "phone": [_digits(each.phone) for each in (one, other)],
        "e-mail": [_mailbox(each.email or "") for each in (one, other)],
        "name of the mailbox": [_mailbox(each.email or "").partition("@")[0] for each in (one, other)],
    }
    same = [label for label, (mine, theirs) in facts.items() if mine and mine == theirs]
    return same[:-1] if "e-mail" in same else same


def tell_apart(one: Contact, other: Contact) -> None:
    """Keep that these are two people, so that nobody is asked again."""
    first, second = sorted((one.id, other.id))
    values = {"first_id": first, "second_id": second, "said_at": clock.now(), "said_by": audit.actor()}
    db.session.execute(insert_into(NotTheSame).values(values).on_conflict_do_nothing())
    audit.record("tell_apart", "contact", first, other=[None, second])


def _all(user: Any) -> Iterator[Pair]:
    named = select(Contact.name_key).where(NAMED).group_by(Contact.name_key).having(func.count() > 1)
    names = db.session.scalars(named.order_by(func.max(Contact.id).desc()).limit(COMPARED)).all()
    for batch in _batches(names):
        yield from _compared(batch, user)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))


def _compared(names: Sequence[str], user: Any) -> Iterator[Pair]:
    query = select(Contact).where(Contact.name_key.in_(names), *uniting.seen(user)).order_by(Contact.id.desc())
    people: dict[str, list[Contact]] = {name: [] for name in names}
    for contact in db.session.scalars(query):
        if len(people[contact.name_key]) < NAMESAKES:
            people[contact.name_key].append(contact)
    apart = _told_apart([contact.id for each in people.values() for contact in each])
    for same in people.values():
        for second, first in itertools.combinations(same, 2):
            if (first.id, second.id) not in apart and (agree := agreements(first, second)):
                yield Pair(first, second, agree)


def _told_apart(ids: Sequence[int]) -> set[tuple[int, int]]:
    rows = db.session.execute(select(NotTheSame.first_id, NotTheSame.second_id).where(NotTheSame.first_id.in_(ids)))
    return {(first, second) for first, second in rows}


def _digits(phone: str) -> str:
    digits = "".join(letter for letter in phone if letter.isdigit())[-10:]
    return digits if len(digits) >= 7 else ""


def _mailbox(email: str) -> str:
    """Return the mailbox that an address leads to: without what stands after a plus, and Gmail's dots."""
    local, _, domain = email.lower().partition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in DOTLESS else local}@{domain}" if domain else ""
