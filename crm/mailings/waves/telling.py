"""The waves of a mailing as its page tells them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.base import wall_clock
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping, planning
from crm.mailings.waves.models import MailingTiming
from crm.mailings.waves.planning import AT_ONCE, Timing


def told(mailing: Mailing) -> dict[str, Any]:
    """Return what the template of the waves shows."""
    waves = keeping.of(mailing)
    timing = db.session.get(MailingTiming, mailing.id)
    begins = [wall_clock.tell(wave.due_at, mailing.zone) for wave in waves]
    coming = (begin for wave, begin in zip(waves, begins, strict=True) if wave.frozen_at is None)
    resting = timing is not None and timing.resting and mailing.state == "sending"
    return {
        "waves": waves,
        "waves_told": list(zip(waves, begins, strict=True)),
        "next_wave": next(coming, ""),
        "resting": resting,
        "opens": _clock(timing.opens or 0) if timing else "",
    }


def chosen(mailing: Mailing) -> dict[str, Any]:
    """Return what stands in the form that schedules it."""
    timing = keeping.timing(mailing)
    hours = {"opens": timing.opens, "closes": timing.closes}
    shown = {name: wall_clock.of_day(minute) for name, minute in hours.items() if minute is not None}
    return {"own_time": timing.own_time, "spread": timing.spread, **shown}


def when(mailing: Mailing) -> str:
    """Return when a mailing goes and how, in words.

    Of one at everybody's own time that is the hour at which people get it, and when the first do.
    """
    return _when(mailing, keeping.timing(mailing))


def goes_out(mailing: Mailing) -> str:
    """Return the sentence that tells it, without its full stop."""
    timing = keeping.timing(mailing)
    return f"It goes out {'at' if timing.own_time else 'on'} {_when(mailing, timing)}"


def whens(mailings: Sequence[Mailing]) -> dict[int, str]:
    """Return the same of many, by their ids."""
    ids = [mailing.id for mailing in mailings]
    rows = db.session.scalars(select(MailingTiming).where(MailingTiming.mailing_id.in_(ids))) if ids else ()
    timings = {row.mailing_id: keeping.of_row(row) for row in rows}
    return {mailing.id: _when(mailing, timings.get(mailing.id, AT_ONCE)) for mailing in mailings}


def own_hour(mailing: Mailing, timing: Timing) -> str:
    """Return the hour at which people get a mailing that goes at everybody's own time, in words."""
    hours, minutes = mailing.local_time[-5:].split(":")
    return f"{_clock(planning.open_minute(60 * int(hours) + int(minutes), timing))} of everybody's own time"


def _when(mailing: Mailing, timing: Timing) -> str:
    if not mailing.when:
        return ""
    found = [f"{own_hour(mailing, timing)}, first on {mailing.when}" if timing.own_time else mailing.when]
    if timing.spread:
        hours = timing.spread / 60
        found.append(f"spread over {hours:g} hour{'s' if hours != 1 else ''}")
    if timing.opens is not None and timing.closes is not None:
        found.append(f"only between {_clock(timing.opens)} and {_clock(timing.closes)}")
    return ", ".join(found)


def _clock(minute: int) -> str:
    return f"{wall_clock.of_day(minute):%H:%M}"
