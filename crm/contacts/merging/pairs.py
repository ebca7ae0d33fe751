"""Possible duplicates: people of the same name of whom one more fact agrees, and whom nobody told apart yet."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from crm.base import audit, clock
from crm.base.database import insert_into
from crm.base.words import searched
from crm.contacts.keys import name_key_of
from crm.contacts.merging import uniting
from crm.contacts.merging.models import NotTheSame
from crm.contacts.models import NAMED, Contact
from crm.extensions import db

SHOWN = 50
COMPARED = 1000  # Names that more than one has; so many are looked at for a page, the newest of them.
NAMESAKES = 40  # People of one name who are compared with each other, the newest of them.
BATCH = 100
SEARCHED = (Contact.first_name, Contact.last_name, Contact.organization_name, Contact.email)
COMPARED_BY = (Contact.id, Contact.name_key, *SEARCHED, Contact.zip_code, Contact.phone)
DOTLESS = frozenset({"gmail.com", "googlemail.com"})
MAILBOX, MAILBOX_NAME = "e-mail", "name of the mailbox"

Ids = tuple[int, int]


@dataclass(frozen=True)
class Pair:
    """Two who may be the same, the older record first, and in what they agree beside the name."""

    first: Contact
    second: Contact
    agree: Sequence[str]


def found(user: Any, most: int = SHOWN) -> list[Pair]:
    """Return possible duplicates among those whom the user may merge, the newest records first."""
    named = select(Contact.name_key).where(NAMED).group_by(Contact.name_key).having(func.count() > 1)
    names = db.session.scalars(named.order_by(func.max(Contact.id).desc()).limit(COMPARED)).all()
    agree: dict[Ids, list[str]] = {}
    for start in range(0, len(names), BATCH):
        agree |= _alike(names[start : start + BATCH], user)
        if len(agree) >= most:
            break
    return _loaded(agree)[:most]


def of(contact: Contact, user: Any, most: int = 10) -> list[Pair]:
    """Return who may be the same as this contact."""
    agree = _alike([contact.name_key], user) if contact.name_key else {}
    return _loaded({ids: labels for ids, labels in agree.items() if contact.id in ids})[:most]


def named(words: str, contact: Contact, user: Any) -> Sequence[Contact]:
    """Return the others of that e-mail address, or whose name or organization holds all the words; by name."""
    query = select(Contact).where(Contact.id != contact.id, *uniting.seen(user))
    for word in searched(words):
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    ordered = query.order_by(Contact.last_name, Contact.first_name, Contact.id).limit(SHOWN)
    return db.session.scalars(ordered).all() if words.split() else []


def agreements(one: Contact, other: Contact) -> list[str]:
    """Return in what two contacts agree beside the name."""
    theirs = _facts(other)
    return _without_echo([label for label, value in _facts(one).items() if theirs.get(label) == value])


def tell_apart(one: Contact, other: Contact) -> None:
    """Keep that these are two people, so that nobody is asked again."""
    first, second = sorted((one.id, other.id))
    values = {"first_id": first, "second_id": second, "said_at": clock.now(), "said_by": audit.actor()}
    db.session.execute(insert_into(NotTheSame).values(values).on_conflict_do_nothing())
    audit.record("tell_apart", "contact", first, other=[None, second])


def _alike(names: Sequence[str], user: Any) -> dict[Ids, list[str]]:
    """Return by their ids who agrees in more than one of these names, and in what; but those who were told apart."""
    query = select(*COMPARED_BY).where(Contact.name_key.in_(names), *uniting.seen(user)).order_by(Contact.id.desc())
    people: dict[str, list[Any]] = {}
    for row in db.session.execute(query):
        same = people.setdefault(row.name_key, [])
        if len(same) < NAMESAKES:
            same.append(row)
    agree: dict[Ids, list[str]] = {}
    for same in people.values():
        for label, ids in _sharing(same):
            for second, first in itertools.combinations(ids, 2):
                agree.setdefault((first, second), []).append(label)
    apart = _told_apart({first for first, _ in agree})
    return {ids: labels for ids, labels in agree.items() if ids not in apart}


def _sharing(people: Sequence[Any]) -> Iterator[tuple[str, list[int]]]:
    """Yield each fact in which several agree, and their ids, the newest first."""
    sharing: dict[tuple[str, str], list[int]] = {}
    for row in people:
        for fact in _facts(row).items():
            sharing.setdefault(fact, []).append(row.id)
    yield from ((label, ids) for (label, _), ids in sharing.items() if len(ids) > 1)


def _loaded(agree: Mapping[Ids, list[str]]) -> list[Pair]:
    newest = sorted(agree, key=lambda ids: (-ids[1], -ids[0]))[:SHOWN]
    wanted = {number for ids in newest for number in ids}
    people = {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(wanted)))}
    return [Pair(people[first], people[second], _without_echo(agree[first, second])) for first, second in newest]


def _without_echo(labels: list[str]) -> list[str]:
    """Leave out the name of a mailbox where all of it is the same."""
    return [label for label in labels if label != MAILBOX_NAME or MAILBOX not in labels]


def _told_apart(ids: Collection[int]) -> set[Ids]:
    rows = db.session.execute(select(NotTheSame.first_id, NotTheSame.second_id).where(NotTheSame.first_id.in_(ids)))
    return {(first, second) for first, second in rows}


def _facts(person: Any) -> dict[str, str]:
    """Return what is compared beside the name, in its plain form, without what is blank."""
    mailbox = _mailbox(person.email or "")
    facts = {
        "organization": name_key_of(person.organization_name),
        "ZIP code": person.zip_code.replace(" ", "")[:5],
        "phone": _digits(person.phone),
        MAILBOX: mailbox,
        MAILBOX_NAME: _telling(mailbox.partition("@")[0], person),
    }
    return {label: value for label, value in facts.items() if value}


def _telling(local: str, person: Any) -> str:
    """Return what stands before the @, where it tells more than the name does."""
    names = {person.name_key, name_key_of(person.last_name, person.first_name)}
    return "" if name_key_of(local) in names else local


def _digits(phone: str) -> str:
    digits = "".join(letter for letter in phone if letter.isdigit())[-10:]
    return digits if len(digits) >= 7 else ""


def _mailbox(email: str) -> str:
    """Return the mailbox that an address leads to: without what stands after a plus, and Gmail's dots."""
    local, _, domain = email.lower().partition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in DOTLESS else local}@{domain}" if domain else ""
