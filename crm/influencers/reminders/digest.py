"""The digest: one letter a day to each owner of asks that are due soon or late, in the morning of the owner."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import lock
from crm.base.public_pages import public_url
from crm.delivery import letters
from crm.influencers.models import Ask
from crm.influencers.reminders import due
from crm.influencers.reminders.due import AFTER, BEFORE

MORNING = 8  # The hour from which a digest goes out.
MOST = 100  # Asks in one digest; what is beyond waits for the next day.
BATCH = 20  # Digests in one run, so that its transaction stays short.


def send_due() -> int:
    """Send each owner the digest of the day, from eight in the morning there on; returns how many. A job."""
    now, sent = clock.now(), 0
    for owner in due.owners(now.date()):
        local = now.astimezone(ZoneInfo(owner.zone))
        if local.hour >= MORNING:
            sent += _send(owner, local.date())
        if sent == BATCH:
            break
    return sent


def _send(owner: User, day: date) -> bool:
    lock(owner)  # So that two runs at once do not send one digest each.
    if not owner.active or due.told_on(owner, day):
        return False
    coming = due.claim(due.find(owner, day, BEFORE, MOST), owner, day, BEFORE)
    late = due.claim(due.find(owner, day, AFTER, MOST - len(coming)), owner, day, AFTER)
    if not coming and not late:
        return False
    merge = {"name": owner.name or owner.email, "list_url": f"{_staff()}/asks/?owner={owner.id}&state=open"}
    for kind, asks in (("coming", coming), ("late", late)):
        merge |= _told(kind, asks, day)
    shape = {"coming": len(coming), "late": len(late)}
    letters.send("asks_due", owner.email, locale="en", occasion=f"asks:{day}", merge=merge, shape=shape)
    return True


def _told(kind: str, asks: Sequence[Ask], day: date) -> dict[str, str]:
    """Return what the letter says of the asks, by the names of its numbered fields."""
    told: dict[str, str] = {}
    for number, ask in enumerate(asks):
        told |= {
            f"{kind}_title_{number}": ask.title,
            f"{kind}_who_{number}": ask.influencer.name or "somebody without a name",
            f"{kind}_when_{number}": _when(ask.due_on or day, day),
            f"{kind}_url_{number}": f"{_staff()}/asks/{ask.id}",
        }
    return told


def _when(due_on: date, day: date) -> str:
    days = (due_on - day).days
    written = f"{due_on:%a, %b} {due_on.day}, {due_on.year}"
    if days == 0:
        return f"due today, {written}"
    if days > 0:
        return f"due {'tomorrow' if days == 1 else f'in {days} days'}, {written}"
    return f"{'1 day' if days == -1 else f'{-days} days'} late, was due {written}"


def _staff() -> str:
    return public_url("/staff")
