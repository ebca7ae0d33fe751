"""Limits that hold across processes and restarts, because their counters are rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BindParameter,
    Executable,
    String,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.database import insert_into, looking
from crm.base.models import Counter
from crm.base.prepared import Prepared
from crm.extensions import db

STEPS = 6
CHUNK = 2000  # Rows of one transaction.
BEFORE = aliased(Counter)
COUNTING = Prepared(lambda: _upsert().returning(Counter.count))
COUNTING_DIFFERENT = Prepared(lambda: _counting_different())
NOTHING: Mapping[str, timedelta] = MappingProxyType({})


@dataclass(frozen=True)
class Rolled:
    """The tries of the span that ends now, and the most of the present and the last window of each key beside it."""

    tries: int
    beside: Mapping[str, int]


def allow(key: str, limit: int, per: timedelta) -> bool:
    """Count one try, and return whether it is within the limit of its window; never commits."""
    return count(key, per) <= limit


def count(key: str, per: timedelta) -> int:
    """Count one try in the present window of that length, and return the tries so far."""
    values = {"key": key[:120], "window_start": _window(per), "count": 1}
    return int(COUNTING.one(values)[0])


def count_different(key: str, total: str, per: timedelta, common: str, common_per: timedelta) -> None:
    """Count one try of `key`, of `total` where it is the first of `key` in its window, and of `common`.

    One statement, in which `common` comes last, since others may wait for its row.
    """
    values = {"key": key[:120], "total": total[:120], "common": common[:120]}
    windows = {"here": _window(per), "common_here": _window(common_per)}
    COUNTING_DIFFERENT.first({**values, **windows})


def roll(key: str, per: timedelta, beside: Mapping[str, timedelta] = NOTHING) -> Rolled:
    """Count one try in the span of that length that ends now, and look at what lately was counted beside it.

    A limit on these tries holds for every such span, wherever it begins: it is counted in windows of a sixth of the
    length, and all that reach into the span count in full. One statement.
    """
    values: dict[str, str | int | datetime] = {"key": key[:120], "window_start": _window(per / STEPS), "count": 1}
    values |= {"wanted": key[:120], "since": _reaching_into(per), "here": _window(per / STEPS)}
    for number, (other, length) in enumerate(beside.items()):
        present = _window(length)
        values |= {f"key{number}": other[:120], f"present{number}": present, f"last{number}": present - length}
    row = _rolling(len(beside)).one(values)
    return Rolled(row[0], dict(zip(beside, row[1:], strict=True)))


def rolls_on(key: str, per: timedelta) -> datetime:
    """Return when the first of those tries is no longer in the span."""
    begun = select(func.min(Counter.window_start)).where(Counter.key == key[:120])
    first_one = db.session.scalar(begun.where(Counter.window_start > _reaching_into(per)))
    return (first_one or clock.now()) + per / STEPS + per


def tries(key: str, per: timedelta) -> int:
    """Return the tries in the present window without counting one."""
    query = select(Counter.count).where(Counter.key == key[:120], Counter.window_start == _window(per))
    return db.session.scalar(query) or 0


def happened(key: str) -> bool:
    """Tell whether a try was counted in whatever window; for two days, until counters are dropped."""
    return db.session.scalar(select(Counter.count).where(Counter.key == key[:120]).limit(1)) is not None


def first(key: str, per: timedelta) -> bool:
    """Count what may happen once, and tell whether it is the first time; it is known for `per`, two days at most."""
    return not happened(key) and count(key, per) == 1


def window_end(per: timedelta) -> datetime:
    """Return when the present window of that length ends, and its counters with it."""
    return _window(per) + per


def forget(key: str) -> None:
    """Drop the counters of a key, e.g. after a successful login."""
    db.session.execute(delete(Counter).where(Counter.key == key[:120]))


def prune(older_than: timedelta = timedelta(days=2)) -> None:
    """Drop counters that no limit looks at any more; commits, and drops what was not committed before."""
    old = select(Counter.key, Counter.window_start).where(Counter.window_start < clock.now() - older_than)
    while True:
        with looking():
            found = db.session.execute(old.limit(CHUNK)).all()
        db.session.execute(delete(Counter).where(tuple_(Counter.key, Counter.window_start).in_(found)))
        db.session.commit()
        if len(found) < CHUNK:
            return


def _counting_different() -> Executable:
    here = bindparam("here", type_=UtcDateTime)
    known = select(BEFORE.key).where(BEFORE.key == _text("key"), BEFORE.window_start == here).exists()
    rows = union_all(
        select(_text("key"), here, literal(1)),
        select(_text("total"), here, literal(1)).where(~known),
        # The condition is for SQLite, which would take the ON CONFLICT after a bare SELECT for that of a join.
        select(_text("common"), bindparam("common_here", type_=UtcDateTime), literal(1)).where(true()),
    )
    return _once_more(insert_into(Counter.__table__).from_select(["key", "window_start", "count"], rows))


@cache
def _rolling(beside: int) -> Prepared:
    """Return what counts a try, and returns the tries of its window and of those before, and what else is looked at.

    No row is sought by a span of time, whose cost PostgreSQL would reckon out anew for each form.
    """
    reached = and_(BEFORE.window_start > bindparam("since"), BEFORE.window_start != bindparam("here"))
    others = func.coalesce(func.sum(BEFORE.count).filter(reached), 0)
    before = select(others).where(BEFORE.key == bindparam("wanted")).scalar_subquery()
    looks = [
        select(func.coalesce(func.max(BEFORE.count), 0))
        .where(
            BEFORE.key == bindparam(f"key{number}"),
            or_(*(BEFORE.window_start == bindparam(f"{which}{number}") for which in ("present", "last"))),
        )
        .scalar_subquery()
        for number in range(beside)
    ]
    return Prepared(lambda: _upsert().returning(Counter.count + before, *looks))


def _upsert() -> Any:
    return _once_more(insert_into(Counter.__table__))


def _once_more(insert: Any) -> Any:
    values = {"count": Counter.count + 1}
    return insert.on_conflict_do_update(index_elements=["key", "window_start"], set_=values)


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


def _reaching_into(per: timedelta) -> datetime:
    """Return after which moment the windows of a rolling limit begin that reach into the span that ends now."""
    return clock.now() - per - per / STEPS


def _window(per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // seconds * seconds, UTC)
