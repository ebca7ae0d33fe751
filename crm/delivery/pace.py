"""What the limits and warm-ups allow at this moment, for staff to see."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from crm.base import clock
from crm.delivery import rates
from crm.delivery.models import SendingLimit, WarmUp
from crm.extensions import db

LONGEST_PLAN = 40  # days


@dataclass(frozen=True)
class Pace:
    """A limit: how much of it is free now, and from when on mail that it holds up leaves again."""

    scope: str
    name: str
    per_hour: int
    left: int
    free_at: datetime | None

    @property
    def of_what(self) -> str:
        """What is limited, in words."""
        words = {rates.ALL: "all mail", rates.SENDER: f"mail from {self.name}", rates.DOMAIN: f"mail to {self.name}"}
        return words[self.scope]


@dataclass(frozen=True)
class Day:
    """A day of a warm-up: what it allows (None: all), and whether it is today."""

    number: int
    day: date
    allows: int | None
    today: bool


@dataclass(frozen=True)
class Plan:
    """A domain's warm-up, day by day."""

    domain: str
    started_on: date
    first_day: int
    enough: int
    used: int
    days: list[Day]

    @property
    def allows(self) -> int | None:
        """What today allows; None where it is no longer capped."""
        return next((day.allows for day in self.days if day.today), None)

    @property
    def is_used_up(self) -> bool:
        return self.allows is not None and self.used >= self.allows

    @property
    def stamp(self) -> str:
        """Tells this warm-up from another of the domain."""
        return f"{self.started_on} {self.first_day} {self.enough}"


def limits() -> list[Pace]:
    """Return the limits in force, in order; not those to single addresses, of which there is one for each target."""
    now = clock.now()
    query = select(SendingLimit).where(SendingLimit.per_hour > 0, SendingLimit.scope != rates.ADDRESS)
    query = query.order_by(SendingLimit.scope, SendingLimit.name)
    return [_pace(row, rates.left(row, now), now) for row in db.session.scalars(query)]


def plans() -> list[Plan]:
    """Return the warm-ups, each with its days until one allows enough."""
    today = clock.today()
    return [_plan(row, today) for row in db.session.scalars(select(WarmUp).order_by(WarmUp.domain))]


def _pace(row: SendingLimit, left: int, now: datetime) -> Pace:
    share = rates.HOUR / (row.per_hour or 1)
    until = row.booked_until if row.scope == rates.DOMAIN else row.free_from + share
    return Pace(row.scope, row.name, row.per_hour or 0, left, until if until > now and not left else None)


def _plan(row: WarmUp, today: date) -> Plan:
    days: list[Day] = []
    while len(days) < LONGEST_PLAN and (not days or days[-1].allows is not None):
        day = row.started_on + timedelta(days=len(days))
        cap = rates.cap(row.first_day, row.started_on, row.enough, day)
        days.append(Day(len(days) + 1, day, cap if cap < row.enough else None, day == today))
    used = row.sent_today if row.today == today else 0
    return Plan(row.domain, row.started_on, row.first_day, row.enough, used, days)
