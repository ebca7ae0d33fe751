"""The signatures that staff look for."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from crm.actions import signatures
from crm.actions.models import Signature
from crm.base.database import in_batches
from crm.base.forms import row_number
from crm.base.words import searched
from crm.contacts.models import Contact, Source
from crm.extensions import db

STATES = {
    "counted": "Counted",
    "new": "New to the list",
    "known": "Known before",
    "waiting": "Comment waits",
    "commented": "With a comment",
    "withdrawn": "Withdrawn",
}
HEADER = (
    "email",
    "first_name",
    "last_name",
    "city",
    "state",
    "zip_code",
    "shown",
    "comment",
    "new",
    "source",
    "signed",
    "withdrawn",
)
BATCH = 1000


def matching(action_id: int, wanted: Mapping[str, str]) -> Select[Signature]:
    """Return the query of the signatures of an action, the newest first; of all that count unless asked."""
    query = select(Signature).join(Contact, Contact.id == Signature.contact_id).where(Signature.action_id == action_id)
    query = query.where(_states().get(wanted.get("state", ""), Signature.withdrawn_at.is_(None)))
    for word in searched(wanted.get("q", "")):
        columns = (Contact.first_name, Contact.last_name, Contact.email, Signature.city, Signature.state)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if wanted.get("source"):
        number = row_number(wanted["source"])
        query = query.where(Signature.source_id == number if number else Signature.source_id.is_(None))
    query = query.options(joinedload(Signature.contact), joinedload(Signature.source))
    return query.order_by(Signature.at.desc(), Signature.id.desc())


def source_of(wanted: Mapping[str, str]) -> Source | None:
    """Return the source that is asked for."""
    return db.session.get(Source, row_number(wanted.get("source", "")))


def kept(wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the filters of an address, for the next one."""
    return {name: wanted[name] for name in ("q", "state", "source", "page") if wanted.get(name)}


def rows(action_id: int, wanted: Mapping[str, str]) -> Iterator[list[Any]]:
    """Return the rows of the export; reads 1,000 at a time."""
    return in_batches(matching(action_id, wanted), Signature.id, BATCH, _row)


def _row(one: Signature) -> list[Any]:
    person, taken_back = one.contact, one.withdrawn_at.isoformat() if one.withdrawn_at else ""
    who = [person.email, person.first_name, person.last_name, one.city, one.state, person.zip_code]
    source = one.source.label if one.source else ""
    return [*who, one.shown, one.comment, "yes" if one.new else "no", source, one.at.isoformat(), taken_back]


def _states() -> dict[str, ColumnElement[bool]]:
    counts = Signature.withdrawn_at.is_(None)
    return {
        "counted": counts,
        "new": counts & Signature.new,
        "known": counts & ~Signature.new,
        "waiting": counts & (Signature.comment_state == signatures.WAITING),
        "commented": counts & (Signature.comment != ""),
        "withdrawn": ~counts,
    }
