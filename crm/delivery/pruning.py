"""Old copies are counted and deleted: those in a final state, older than KEEP_DELIVERIES_DAYS.

Ids rise with time, so a walk goes up from the lowest id in short steps, and is over at the first young copy of a
message that is young too: whatever follows was queued later. It needs no index but that of the ids, and touches nothing
of what is being sent. What it leaves on its way (copies that wait, are held, or were sent late) is looked at again in
the next walk, a day later.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select, update

from crm.base import clock, database, registries
from crm.base.database import insert_into
from crm.delivery import pruned
from crm.delivery.bounces import streaks
from crm.delivery.models import FINAL, Delivery, Message, PruningWalk
from crm.delivery.pruned import Count
from crm.extensions import db

STEP = {"sqlite": 1000, "postgresql": 5_000}  # Rows a transaction: well under 100 ms on SQLite.
STEPS = 20  # a run of the ticker
REST = timedelta(hours=20)  # between two walks
DELIVERIES = Delivery.__table__


@dataclass(frozen=True)
class Seen:
    """What a step saw; end: the id that it came up to, None where the walk is over.

    people: contact ids that count under a name, by message. endings: where a streak of soft bounces has ended.
    """

    end: int | None
    old: Sequence[Any] = ()
    people: dict[Count, set[int]] = field(default_factory=dict)
    endings: Sequence[streaks.Ending] = ()

    def numbers(self) -> Counter[Count]:
        """Return how many old copies there are by message and state."""
        return Counter((row.message_id, row.state) for row in self.old)


def before() -> datetime | None:
    """Return the moment before which a copy is old; None where copies are kept for good."""
    days = current_app.config["KEEP_DELIVERIES_DAYS"]
    return clock.now() - timedelta(days=days) if days else None


def prune_some() -> int:
    """Go on with the present walk for some steps, or begin one where the last is a day ago; return the copies deleted.

    For the ticker. Commits after each step. Of two that walk at once, one gives up.
    """
    moment = before()
    position = _present_walk() if moment else None
    deleted = 0
    for _ in range(STEPS):
        if moment is None or position is None:
            break
        seen = _look(position, moment)
        deleted += sum(_delete(seen, moment).values())
        went_on = _go_on(position, seen.end)
        db.session.commit()
        position = seen.end if went_on else None
    return deleted


def prune_all(moment: datetime) -> Iterator[Counter[Count]]:
    """Walk from the lowest id to the end; yield what each step deleted, by message and state. Commits after each."""
    position: int | None = 0
    while position is not None:
        seen = _look(position, moment)
        deleted = _delete(seen, moment)
        db.session.commit()
        position = seen.end
        yield deleted


def look_at_all(moment: datetime) -> Iterator[Counter[Count]]:
    """Walk as `prune_all` does, and yield what it would delete."""
    position: int | None = 0
    while position is not None:
        seen = _look(position, moment)
        position = seen.end
        yield seen.numbers()


def _look(position: int, moment: datetime) -> Seen:
    """Look at the copies of a step in a transaction that only reads."""
    with database.looking():
        rows = db.session.execute(step(position)).all()
        of = {row.message_id for row in rows}
        young = set(db.session.scalars(select(Message.id).where(Message.id.in_(of), Message.created_at >= moment)))
        ends = (place for place, row in enumerate(rows) if row.message_id in young and _moment(row) >= moment)
        reached = next(ends, len(rows))
        growing = {message_id for ids in registries.growing_messages for message_id in ids()}
        done = [row for row in rows[:reached] if row.state in FINAL and row.message_id not in growing]
        old = [row for row in done if _moment(row) < moment]
        arrived = [row for row in old if row.state == "sent"]
        is_last = reached < len(rows) or len(rows) < STEP[db.engine.dialect.name]
        return Seen(None if is_last else rows[-1].id, old, _people(arrived), streaks.endings(arrived))


def step(position: int) -> Any:
    """Return the query of the copies of the step that begins above that id.

    The newest copy is left out, because SQLite would give its id again: to a row that others take for the old one.
    """
    newest = select(func.max(Delivery.id)).scalar_subquery()
    columns = (Delivery.id, Delivery.message_id, Delivery.state, Delivery.contact_id, Delivery.address)
    query = select(*columns, Delivery.sent_at, Delivery.next_attempt_at)
    query = query.where(Delivery.id > position, Delivery.id < newest)
    return query.order_by(Delivery.id).limit(STEP[db.engine.dialect.name])


def _moment(row: Any) -> datetime:
    """Return when a copy that is done was sent, or was to be tried for the last time."""
    moment: datetime = row.sent_at or row.next_attempt_at
    return moment


def _people(arrived: Sequence[Any]) -> dict[Count, set[int]]:
    by_message: dict[int, set[int]] = {}
    for row in arrived:
        if row.contact_id is not None:
            by_message.setdefault(row.message_id, set()).add(row.contact_id)
    named = registries.counted_people.items()
    return {(of, name): count(of, contacts) for of, contacts in by_message.items() for name, count in named}


def _delete(seen: Seen, moment: datetime) -> Counter[Count]:
    """Delete what was seen and is old still, add up what really was; return it by message and state."""
    if not seen.old:
        return Counter()
    pruned.hold_back_audiences()
    ids = [row.id for row in seen.old]
    last = func.coalesce(Delivery.sent_at, Delivery.next_attempt_at)
    old: list[ColumnElement[bool]] = [Delivery.id.in_(ids), Delivery.state.in_(FINAL), last < moment]
    columns = DELIVERIES.c
    statement = delete(DELIVERIES).where(*old)  # type: ignore[arg-type]
    gone = db.session.execute(statement.returning(columns.message_id, columns.state, columns.contact_id)).all()
    deleted = Counter((row.message_id, row.state) for row in gone)
    contacts = Counter((row.message_id, row.contact_id) for row in gone if row.state == "sent")
    counted = Counter({(of, name): sum(contacts[of, one] for one in who) for (of, name), who in seen.people.items()})
    pruned.add(deleted + counted)
    streaks.end(seen.endings)
    return deleted


def _present_walk() -> int | None:
    """Return how far the present walk has come, 0 where one is to begin, None where it is not time for one."""
    with database.looking():
        walk = db.session.get(PruningWalk, 1)
        if walk is not None:
            due = walk.ended_at is None or walk.ended_at <= clock.now() - REST
            return walk.position if due else None
    db.session.execute(insert_into(PruningWalk).values(id=1, position=0, ended_at=None).on_conflict_do_nothing())
    db.session.commit()
    return 0


def _go_on(position: int, end: int | None) -> bool:
    """Note how far the walk has come; return whether nobody else did meanwhile."""
    ended_at = clock.now() if end is None else None
    statement = update(PruningWalk).where(PruningWalk.position == position)
    moved = db.session.execute(statement.values(position=end or 0, ended_at=ended_at))
    return moved.rowcount == 1  # type: ignore[attr-defined]
