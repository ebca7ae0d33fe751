"""The waves of a mailing as its page tells them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.base import wall_clock
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping
from crm.mailings.waves.models import MailingTiming


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
        "opens": "{:02d}:{:02d}".format(*divmod(timing.opens or 0, 60)) if timing else "",
    }


def chosen(mailing: Mailing) -> dict[str, Any]:
    """Return what stands in the form that schedules it."""
    timing = keeping.timing(mailing)
    hours = {"opens": timing.opens, "closes": timing.closes}
    shown = {name: wall_clock.of_day(minute) for name, minute in hours.items() if minute is not None}
    return {"own_time": timing.own_time, "spread": timing.spread, **shown}


def when(mailing: Mailing) -> str:
    """Return when a mailing goes, in words; of one at everybody's own time that hour, and when the first get it."""
    return _when(mailing, _at_own_time(mailing))


def goes_out(mailing: Mailing) -> str:
    """Return the sentence that tells it, without its full stop."""
    own_time = _at_own_time(mailing)
    return f"It goes out {'at' if own_time else 'on'} {_when(mailing, own_time)}"


def whens(mailings: Sequence[Mailing]) -> dict[int, str]:
    """Return the same of many, by their ids."""
    ids = [mailing.id for mailing in mailings]
    query = select(MailingTiming.mailing_id).where(MailingTiming.mailing_id.in_(ids), MailingTiming.own_time)
    own = set(db.session.scalars(query)) if ids else set()
    return {mailing.id: _when(mailing, mailing.id in own) for mailing in mailings}


def own_hour(mailing: Mailing) -> str:
    """Return the hour of a mailing that goes at everybody's own time, in words."""
    return f"{mailing.local_time[-5:]} of everybody's own time"


def _at_own_time(mailing: Mailing) -> bool:
    timing = db.session.get(MailingTiming, mailing.id) if mailing.scheduled_at else None
    return timing is not None and timing.own_time


def _when(mailing: Mailing, own_time: bool) -> str:
    return f"{own_hour(mailing)}, first on {mailing.when}" if own_time and mailing.when else mailing.when
