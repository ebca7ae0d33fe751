"""The one coalition of this installation."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from crm.base import changes, clock, registries
from crm.base.remembering import remembered
from crm.extensions import db
from crm.organizations.models import Coalition


@remembered
def current() -> Coalition | None:
    """Return the coalition, or None before the setup page was completed."""
    return db.session.scalar(select(Coalition).limit(1))


def name() -> str:
    """Return the coalition's name; the program's before the setup page was completed."""
    return name_of(current())


def name_of(found: Coalition | None) -> str:
    """Return the name of that coalition; the program's for none."""
    return found.name if found else "Groundswell"


def zone() -> str:
    """Return the name of the zone that its days begin and end in; UTC before the setup page was completed."""
    found = current()
    return found.zone if found else "UTC"


def today() -> date:
    """Return the present date on the coalition's clocks."""
    return clock.today(zone())


def day_of(moment: datetime) -> date:
    """Return the date that the coalition's clocks show at that moment."""
    return clock.day_of(moment, zone())


def midnight(day: date) -> datetime:
    """Return when the day begins on the coalition's clocks, in UTC."""
    return clock.midnight(day, zone())


def save(coalition: Coalition, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the values; raises Collision."""
    changes.claim(coalition, "coalition", opened_on)
    changes.keep(coalition, "coalition", values)


def letter_frame() -> dict[str, Any]:
    """Return what every letter shows of the coalition, and in whose name it goes out."""
    coalition = current()
    if coalition is None:
        return {"coalition": None}
    return {"coalition": coalition, "sender": f'"{coalition.sender_name}" <{coalition.sender_email}>'}


registries.letter_frames.add("coalition", letter_frame)
