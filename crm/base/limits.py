"""Limits that hold across processes and restarts, because their counters are rows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, and_, bindparam, delete, func, or_, select
from sqlalchemy.orm import aliased

from crm.base import clock
from crm.base.database import insert_into
from crm.base.models import Counter
from crm.extensions import db

STEPS = 6
BEFORE = aliased(Counter)
ROLLED = select(func.coalesce(func.sum(BEFORE.count), 0)).where(
    BEFORE.key == bindparam("wanted"), BEFORE.window_start > bindparam("since")
)


def allow(key: str, limit: int, per: timedelta) -> bool:
    """Count one try, and return whether it is within the limit of its window; never commits."""
    return count(key, per) <= limit


def count(key: str, per: timedelta) -> int:
    """Count one try in the present window of that length, and return the tries so far."""
    values = {"key": key[:120], "window_start": _window(per), "count": 1}
    statement = _counting(db.engine.dialect.name)
    return int(db.session.connection().execute(statement, values).scalar_one())


def roll(key: str, limit: int, per: timedelta) -> bool:
    """Count one try, and return whether no span of that length, wherever it begins, holds more than the limit.

    It is counted in windows of a sixth of the length, and all that reach into the span count in full.
    """
    here, since = _window(per / STEPS), _reaching_into(per)
    values = {"key": key[:120], "window_start": here, "count": 1, "wanted": key[:120], "since": since, "here": here}
    return int(db.session.connection().execute(_rolling(db.engine.dialect.name), values).scalar_one()) <= limit


def rolled(key: str, per: timedelta) -> int:
    """Return the tries of the span of that length that ends now, without counting one."""
    values = {"wanted": key[:120], "since": _reaching_into(per)}
    return int(db.session.connection().execute(ROLLED, values).scalar_one())


def rolls_on(key: str, per: timedelta) -> datetime:
    """Return when the first of those tries is no longer in the span."""
    begun = select(func.min(Counter.window_start)).where(Counter.key == key[:120])
    first_one = db.session.scalar(begun.where(Counter.window_start > _reaching_into(per)))
    return (first_one or clock.now()) + per / STEPS + per


def tries(key: str, per: timedelta) -> int:
    """Return the tries in the present window without counting one."""
    query = select(Counter.count).where(Counter.key == key[:120], Counter.window_start == _window(per))
    return db.session.scalar(query) or 0


def lately(windows: Mapping[str, timedelta]) -> dict[str, int]:
    """Return for each key, given with the length of its windows, the most tries of the present and the last of them."""
    values: dict[str, str | datetime] = {}
    for number, (key, per) in enumerate(windows.items()):
        values |= {f"key{number}": key[:120], f"since{number}": _window(per) - per}
    found: dict[str, int] = {}
    for key, tried in db.session.connection().execute(_looking_at(len(windows)), values):
        found[key] = max(tried, found.get(key, 0))
    return found


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
    """Drop counters that no limit looks at any more."""
    db.session.execute(delete(Counter).where(Counter.window_start < clock.now() - older_than))


@cache
def _counting(_dialect: str) -> Executable:
    """Made once, because sign-ups come in a rush."""
    return _upsert().returning(Counter.count)


@cache
def _rolling(_dialect: str) -> Executable:
    """What counts a try, and returns the tries of its window and of those before."""
    others = ROLLED.where(BEFORE.window_start != bindparam("here")).scalar_subquery()
    return _upsert().returning(Counter.count + others)


def _upsert() -> Any:
    values = {"count": Counter.count + 1}
    return insert_into(Counter.__table__).on_conflict_do_update(index_elements=["key", "window_start"], set_=values)


@cache
def _looking_at(keys: int) -> Executable:
    """Made once, too: each form that comes is looked at."""
    here = [
        and_(Counter.key == bindparam(f"key{number}"), Counter.window_start >= bindparam(f"since{number}"))
        for number in range(keys)
    ]
    return select(Counter.key, Counter.count).where(or_(*here))


def _reaching_into(per: timedelta) -> datetime:
    """Return after which moment the windows of a rolling limit begin that reach into the span that ends now."""
    return clock.now() - per - per / STEPS


def _window(per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // seconds * seconds, UTC)
