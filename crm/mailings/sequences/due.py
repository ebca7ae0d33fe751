"""When a step is due, on the clocks of the contact."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.mailings.sequences.models import SequenceStep


def due(after: datetime, zone: str, step: SequenceStep) -> datetime:
    """Return the moment in UTC at which the step is due for somebody in that zone, who had the one before at `after`.

    An hour that clocks skip means the one after; of one that they repeat, the first. It is never before `after`.
    """
    there = ZoneInfo(zone)
    local = after.astimezone(there)
    at = local.time() if step.minute is None else time(*divmod(step.minute, 60))
    day = local.date() + timedelta(days=step.days)
    moment = _moment(day, at, there)
    return moment if moment >= after else _moment(day + timedelta(days=1), at, there)


def again(after: datetime, zone: str, step: SequenceStep) -> datetime:
    """Return the first moment in UTC from `after` on that is the hour of the step for somebody in that zone."""
    return after if step.minute is None else due(after, zone, SequenceStep(days=0, minute=step.minute))


def _moment(day: date, at: time, there: ZoneInfo) -> datetime:
    return datetime.combine(day, at, there).astimezone(UTC)
