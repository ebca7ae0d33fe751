"""Single people, named by their addresses in a text, kept by their ids: who is erased leaves no address behind."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from crm.base.forms import row_number
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.delivery.addresses import normalize
from crm.extensions import db

MOST = 500
BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Named:
    """Whom a text names: the ids of those on record, and what names nobody."""

    ids: list[int]
    unknown: list[str]


def read(text: str) -> Named:
    """Return whom the text names: addresses, also those given up by a merge, or #id of those who have none."""
    words = list(dict.fromkeys(normalize(word) for word in BETWEEN.split(text) if word))[: 4 * MOST]
    known = _with_addresses(words) | _with_numbers(words)
    return Named(
        list(dict.fromkeys(known[word] for word in words if word in known)), [w for w in words if w not in known]
    )


def write(ids: Collection[int]) -> str:
    """Return a text that names those of these who are on record, one on a line."""
    query = select(Contact.id, Contact.email).where(Contact.id.in_(ids)).order_by(Contact.email, Contact.id)
    return "\n".join(email or f"#{number}" for number, email in db.session.execute(query))


def _with_addresses(words: list[str]) -> dict[str, int]:
    rows = db.session.execute(select(Contact.email, Contact.id).where(Contact.email.in_(words)))
    given_up = {address: contact.id for address, contact in former.with_addresses(words).items()}
    return given_up | {email: number for email, number in rows if email}


def _with_numbers(words: list[str]) -> dict[str, int]:
    numbers = {word: row_number(word[1:]) for word in words if word.startswith("#")}
    there = set(db.session.scalars(select(Contact.id).where(Contact.id.in_(numbers.values()))))
    return {word: number for word, number in numbers.items() if number in there}
