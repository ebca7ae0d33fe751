"""The waves of a mailing as its page tells them."""

from typing import Any

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
