"""What is left of copies that were deleted because of their age: their numbers, by message and state."""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from flask import current_app
from sqlalchemy import Select, func, select, text, union_all

from crm.base.database import insert_into
from crm.delivery.models import STATES, Delivery, PrunedCount
from crm.extensions import db

Key = TypeVar("Key", bound=Hashable)

COUNTS = PrunedCount.__table__
Count = tuple[int, str]  # The id of a message, and a state or the name of what else is counted.
LOCK = 0x7072_756E  # One key for the advisory locks of whoever queues an audience (shared) and prunes (exclusive).


def counts(message_ids: Collection[int]) -> Select[int, str, int]:
    """Return the query of (message id, state, number) of these messages' copies, those that are gone included.

    It is one statement, because a copy may pass from one side to the other between two.
    """
    standing = select(Delivery.message_id, Delivery.state, func.count().label("number"))
    standing = standing.where(Delivery.message_id.in_(message_ids)).group_by(Delivery.message_id, Delivery.state)
    gone = select(PrunedCount.message_id, PrunedCount.state, PrunedCount.number)
    gone = gone.where(PrunedCount.message_id.in_(message_ids), PrunedCount.state.in_(STATES))
    both = union_all(standing, gone).subquery()
    return select(both.c.message_id, both.c.state, func.sum(both.c.number)).group_by(both.c.message_id, both.c.state)


def by(of: Mapping[int, Key]) -> dict[Key, Counter[str]]:
    """Return how many copies are in each state, those that are gone included, by what their messages belong to."""
    found: dict[Key, Counter[str]] = {key: Counter() for key in of.values()}
    for message_id, state, number in db.session.execute(counts(of)):
        found[of[message_id]][state] += int(number)
    return found


def total(name: str | None = None, message_id: int | None = None) -> Select[int]:
    """Return the query of how many copies are gone: in that state (or of that name) or any, of that message or any."""
    query = select(func.coalesce(func.sum(PrunedCount.number), 0))
    query = query.where(PrunedCount.state == name if name else PrunedCount.state.in_(STATES))
    return query.where(PrunedCount.message_id == message_id) if message_id else query


def number(name: str | None = None, message_id: int | None = None) -> int:
    """Return what that query finds."""
    return int(db.session.scalar(total(name, message_id)) or 0)


def add(numbers: Counter[Count]) -> None:
    """Add to the numbers, in the caller's transaction, which deletes the copies."""
    if not numbers:
        return
    rows = [{"message_id": of, "state": name, "number": number} for (of, name), number in sorted(numbers.items())]
    statement = insert_into(COUNTS)
    added = {"number": COUNTS.c.number + statement.excluded.number}
    statement = statement.on_conflict_do_update(index_elements=["message_id", "state"], set_=added)
    db.session.connection().execute(statement, rows)


def hold_back_audiences() -> None:
    """Let no audience be queued, and nobody else prune, until this transaction ends. SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def begun(message_id: int) -> bool:
    """Return whether copies of the message are gone. None goes before this transaction ends."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": LOCK})
    query = select(PrunedCount.message_id).where(PrunedCount.message_id == message_id).limit(1)
    return db.session.scalar(query) is not None


def told(number: int) -> str:
    """Return the words that say why so many copies cannot be shown; empty for none."""
    if not number:
        return ""
    copies, their = (
        ("1 copy is", "its address is") if number == 1 else (f"{number:,} copies are", "their addresses are")
    )
    days = current_app.config["KEEP_DELIVERIES_DAYS"]
    age = f"older than {days} days" if days else "too old to be listed"
    return f"{copies} {age}; {their} no longer kept."
