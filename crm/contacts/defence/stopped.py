"""Forms of visitors that were stopped, counted by day and reason, so that staff see an attack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from crm.base import clock
from crm.base.database import insert_into
from crm.contacts.defence.models import StoppedForms
from crm.extensions import db

SHOWN = timedelta(days=30)
TRAP, FORGED, QUICK, CHECK, PASSED, LIMIT = "trap", "forged", "quick", "check", "passed", "limit"
OUTCOMES = {
    TRAP: ("Filled the hidden field", "Nobody sees that field; robots fill in all that they find."),
    FORGED: ("Not from our page", "The form's stamp was missing or not ours."),
    QUICK: ("Sent within two seconds", "No person is that quick. The form was shown again."),
    CHECK: (
        "Asked for the check",
        "Suspicious: the form was shown again, with a check to pass. People are among them.",
    ),
    LIMIT: ("Over the network's limit", "The network had its ten forms of the hour, and was told when to come back."),
    PASSED: ("Passed the check", "Was asked for the check, and got through: most likely a person."),
}


@dataclass(frozen=True)
class Day:
    """What was counted on one day, by outcome."""

    day: date
    counts: Mapping[str, int]


def count(outcome: str) -> None:
    """Count one post of today."""
    statement = insert_into(StoppedForms).values(day=clock.today(), outcome=outcome, count=1)
    here = [StoppedForms.day, StoppedForms.outcome]
    db.session.execute(statement.on_conflict_do_update(index_elements=here, set_={"count": StoppedForms.count + 1}))


def recent() -> list[Day]:
    """Return the days of the last month on which something was counted, newest first."""
    query = select(StoppedForms).where(StoppedForms.day > clock.today() - SHOWN).order_by(StoppedForms.day.desc())
    days: dict[date, dict[str, int]] = {}
    for row in db.session.scalars(query):
        days.setdefault(row.day, {})[row.outcome] = row.count
    return [Day(day, counts) for day, counts in days.items()]
