"""What mail servers answered, counted by minute as batches are recorded, so that sums need no look at the ledger."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, func, select

from crm.base import clock
from crm.base.database import insert_into
from crm.delivery.letter import Result
from crm.delivery.models import ReplyTally
from crm.extensions import db

STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463 §2
BY_MINUTE = timedelta(hours=2)
BY_HOUR = timedelta(hours=49)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
RATE_MINUTES = 5
ROLLED_UP = ""  # The owner of what no longer is told apart by worker.
TALLIES = ReplyTally.__table__
Key = tuple[datetime, str, str, int, str]


@dataclass(frozen=True)
class Answer:
    """How often mail servers gave this answer; `status` is the enhanced one, or empty; code 0: no answer."""

    code: int
    status: str
    number: int
    outcome: str


def count(connection: Connection, owner: str, results: Sequence[Result], moment: datetime) -> None:
    """Add these results to the tallies. What was given back unasked is none."""
    minute = moment.replace(second=0, microsecond=0)
    found: Counter[Key] = Counter(
        (minute, owner, result.outcome, result.code or 0, status_of(result.reply))
        for result in results
        if result.code is not None or result.outcome != "unsent"
    )
    _add(connection, found)


def status_of(reply: str | None) -> str:
    """Return the enhanced status that a reply begins with, or nothing."""
    match = STATUS.match(reply or "")
    return match[0] if match else ""


def answers(since: timedelta) -> list[Answer]:
    """Return what was answered in that time until now, the most frequent first."""
    number = func.sum(ReplyTally.number)
    query = select(ReplyTally.code, ReplyTally.status, number, ReplyTally.outcome)
    query = query.where(ReplyTally.moment >= clock.now() - since)
    query = query.group_by(ReplyTally.code, ReplyTally.status, ReplyTally.outcome).order_by(number.desc())
    return [Answer(code, status, int(sum_), outcome) for code, status, sum_, outcome in db.session.execute(query)]


def per_minute() -> float:
    """Return how many mails a minute the mail server took over the last five minutes."""
    begin = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=RATE_MINUTES - 1)
    query = select(func.sum(ReplyTally.number)).where(ReplyTally.moment >= begin, ReplyTally.outcome == "sent")
    return 60 * float(db.session.scalar(query) or 0) / (clock.now() - begin).total_seconds()


def totals() -> list[tuple[str, int, int]]:
    """Return (outcome, class of the code: 0, 2, 4 or 5, number) since the beginning; they only grow."""
    group = case((ReplyTally.code < 200, 0), (ReplyTally.code < 400, 2), (ReplyTally.code < 500, 4), else_=5)
    query = select(ReplyTally.outcome, group, func.sum(ReplyTally.number)).group_by(ReplyTally.outcome, group)
    return [(outcome, number, int(sum_)) for outcome, number, sum_ in db.session.execute(query)]


def roll_up() -> None:
    """Sum up by hour what is over two hours old, and in one row what is over two days old; for the ticker."""
    now = clock.now()
    hour = (now - BY_MINUTE).replace(minute=0, second=0, microsecond=0)
    _move(ReplyTally.moment < hour, ReplyTally.owner != ROLLED_UP, by_hour=True)
    _move(ReplyTally.moment < now - BY_HOUR, ReplyTally.moment > BEGINNING, by_hour=False)


def _move(*conditions: ColumnElement[bool], by_hour: bool) -> None:
    connection = db.session.connection()
    gone = connection.execute(delete(TALLIES).where(*conditions).returning(*TALLIES.c)).all()  # type: ignore[arg-type]
    sums: Counter[Key] = Counter()
    for row in gone:
        moment = row.moment.replace(minute=0) if by_hour else BEGINNING
        sums[moment, ROLLED_UP, row.outcome, row.code, row.status] += row.number
    _add(connection, sums)


def _add(connection: Connection, found: Counter[Key]) -> None:
    if not found:
        return
    names = ("moment", "owner", "outcome", "code", "status", "number")
    rows = [dict(zip(names, (*key, number), strict=True)) for key, number in sorted(found.items())]
    statement = insert_into(TALLIES)
    added = {"number": TALLIES.c.number + statement.excluded.number}
    connection.execute(statement.on_conflict_do_update(index_elements=list(names[:-1]), set_=added), rows)
