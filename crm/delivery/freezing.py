"""Freezing an audience: a copy of a message for each of its people, queued in short transactions."""

import secrets
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from crm.base import database
from crm.base.columns import Json
from crm.base.database import insert_into, looking
from crm.delivery import outbox, pruned
from crm.delivery.models import Delivery, Message
from crm.extensions import db

FIRST_CHUNK = 2000  # rows
LEAST_CHUNK, MOST_CHUNK = 500, 20_000
# What became of copies that reached nobody, and never will: one to another address of the person is no second one.
IN_VAIN = ("failed", "suppressed")
# How long a transaction shall take: on SQLite well under the 100 ms for which others may have to wait for it.
CHUNK_SECONDS = {"sqlite": 0.04, "postgresql": 0.4}


def queue_audience(
    message: Message,
    audience: Select[Any],
    *,
    still: Select[Any] | None = None,
    besides: Collection[int] = (),
    before_chunk: Callable[[], object] = lambda: None,
) -> int:
    """Queue a copy for each (address, contact_id, merge) of the select; return the number of new rows.

    Who they are is looked at once. What is queued of them, chunk by chunk, is read from `still`, a select of the same
    columns under the conditions that shall hold at that moment; all conditions of the audience where there is none.

    Commits after every chunk, so that no transaction is long. It may be killed and run again: who has a copy already,
    of this message or of one of those that it stands `besides`, is left alone, also at another address than that of the
    copy. Addresses that occur twice get one copy. contact_id must not be null. Where copies of the message were deleted
    because of their age, nobody knows any more who got one, so nothing is queued. `before_chunk` is called in the
    transaction of each chunk; what it raises ends the work.
    """
    message_id = message.id
    db.session.commit()
    new, first, size, ids = 0, 0, FIRST_CHUNK, _contact_ids(audience, {message_id, *besides})
    while chunk := ids[first : first + size]:
        started = time.monotonic()
        before_chunk()
        new += 0 if pruned.begun(message_id) else _queue_chunk(message_id, audience if still is None else still, chunk)
        db.session.commit()
        first += size
        size = _next_size(size, time.monotonic() - started)
    return new


def _contact_ids(audience: Select[Any], message_ids: Collection[int]) -> "array[int]":
    """Return the ids of whom the audience is now and who has no copy of these messages, by address; eight bytes each.

    Not by a bound in each chunk's conditions: those that make a list of others would make it anew for every chunk.
    """
    # In the order of addresses, because that is how their index, the largest, is filled page by page.
    address, contact_id = list(audience.subquery("people").c)[:2]
    with looking():
        found = database.numbers(select(contact_id).order_by(address))
        served = _served(message_ids) if found else found
    return array("q", (one for one in found if not _is_among(served, one))) if served else found


def _served(message_ids: Collection[int]) -> "array[int]":
    """Return the ids of those who have a copy of one of these messages, in order."""
    # Not joined to the audience: of messages that are just being queued no planner knows how many copies there are.
    copies = (Delivery.message_id.in_(message_ids), Delivery.contact_id.is_not(None), Delivery.state.not_in(IN_VAIN))
    query: Select[Any] = select(Delivery.contact_id).where(*copies)
    # "+ 0" keeps the planners from reading the copies of all messages in the order of the index by contact.
    return database.numbers(query.order_by(Delivery.contact_id + 0))


def _is_among(numbers: "array[int]", one: int) -> bool:
    place = bisect_left(numbers, one)
    return place < len(numbers) and numbers[place] == one


def _queue_chunk(message_id: int, copies: Select[Any], contact_ids: Sequence[int]) -> int:
    people = copies.subquery("people")
    address, contact_id, merge = list(people.c)[:3]
    values: dict[str, Any] = {
        "message_id": message_id,
        "address": func.lower(func.trim(address)),
        "contact_id": contact_id,
        "merge": cast(merge, Json) if db.engine.dialect.name == "postgresql" else merge,
        "about": "",
        "occasion": "",
        "uuid": new_uuid(secrets.token_hex(16), address),
        **outbox.fresh(),
    }
    types = Delivery.__table__.c
    columns = [v if isinstance(v, ColumnElement) else literal(v, types[name].type) for name, v in values.items()]
    rows = select(*columns).where(database.one_of(contact_id, contact_ids)).order_by(address)
    statement = insert_into(Delivery).from_select(list(values), rows, include_defaults=False)
    try:
        # Almost always all of them are new, and then PostgreSQL needs a quarter less without ON CONFLICT.
        with db.session.begin_nested():
            return _rowcount(statement)
    except IntegrityError:
        return _rowcount(statement.on_conflict_do_nothing())


def _rowcount(statement: Any) -> int:
    result = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)  # type: ignore[attr-defined]


def _next_size(size: int, seconds: float) -> int:
    """Return how many rows the next chunk shall have, after one of that size took so many seconds."""
    wanted = size * CHUNK_SECONDS[db.engine.dialect.name] / max(seconds, 0.001)
    return int(min(max(wanted, size / 2, LEAST_CHUNK), size * 2, MOST_CHUNK))


class new_uuid(GenericFunction[str]):  # noqa: N801  SQL functions are named in lower case.
    """32 hexadecimal digits that nobody can guess, made by the database: new_uuid(a secret, an address)."""

    type = String()
    inherit_cache = True


@compiles(new_uuid, "sqlite")
def _uuid_on_sqlite(*_: Any, **__: Any) -> str:
    return "lower(hex(randomblob(16)))"


@compiles(new_uuid, "postgresql")
def _uuid_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    # gen_random_uuid() asks the kernel each time, which takes ten times as long as a digest.
    secret, address = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"left(encode(sha256(convert_to({secret} || ' ' || {address}, 'UTF8')), 'hex'), 32)"


class merge_values(GenericFunction[Any]):  # noqa: N801
    """Merge values for queue_audience: merge_values("first_name", Contact.first_name, …)."""

    type = Json
    inherit_cache = True


@compiles(merge_values, "sqlite")
def _merge_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_object({compiler.process(element.clauses, **kw)})"


@compiles(merge_values, "postgresql")
def _merge_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"jsonb_build_object({compiler.process(element.clauses, **kw)})"
