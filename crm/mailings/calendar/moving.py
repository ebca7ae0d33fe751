"""Another day for a mailing: what is scheduled goes at the same hour of its zone, a draft is planned for the day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.accounts.models import User
from crm.base import audit, clock, wall_clock
from crm.base.calendars import Entry, Move, Moved, NotMoved
from crm.base.changes import lock
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.calendar import entries, overlaps
from crm.mailings.calendar.models import MailingPlan
from crm.mailings.checks import NotReady
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping, telling

MORNING = time(9)


def move(mailing_id: int, wanted: Move, user: User) -> Moved:
    """Move the mailing to that day of the user's calendar. Raises NotMoved.

    Ends the caller's transaction: what is scheduled is checked in one that only reads.
    """
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None:
        raise NotMoved("This mailing was deleted.")
    now = entries.get(mailing_id, user)
    if now is None or not now.movable:
        raise NotMoved(f"This mailing is {entries.STATES[mailing.state]}; it cannot be moved.", now)
    if now.seen != wanted.seen:
        raise NotMoved(_meanwhile(mailing, now), now)
    if mailing.state == "draft":
        return plan(mailing, wanted, user)
    return _reschedule(mailing, now, wanted, user)


def plan(mailing: Mailing, wanted: Move, user: User) -> Moved:
    """Plan a draft for that day, or for none. Raises NotMoved where somebody else planned it meanwhile."""
    if wanted.day and wanted.day < clock.today(user.zone):
        raise NotMoved("That day is over. Plan the mailing for a day to come.", entries.get(mailing.id, user))
    lock(mailing)
    found = db.session.get(MailingPlan, mailing.id, populate_existing=True)
    if entries.seen(mailing, found) != wanted.seen:
        now = entries.entry_of(mailing, found, user)
        raise NotMoved(_meanwhile(mailing, now), now)
    was = found.planned_on if found else None
    if found is None:
        found = MailingPlan(mailing_id=mailing.id, version=0)
        db.session.add(found)
    found.planned_on, found.version = wanted.day, found.version + 1
    db.session.flush()
    audit.record("plan", "mailing", mailing.id, planned_on=[_plain(was), _plain(wanted.day)])
    return Moved(entries.entry_of(mailing, found, user), was)


def of(mailing: Mailing) -> date | None:
    """Return the day for which a draft is planned."""
    found = db.session.get(MailingPlan, mailing.id) if mailing.id and mailing.state == "draft" else None
    return found.planned_on if found else None


def time_offered(mailing: Mailing, zone: str) -> datetime | None:
    """Return the wall clock's time in that zone to offer: the morning of the planned day, else what held before."""
    if day := of(mailing):
        return datetime.combine(day, MORNING)
    ahead = mailing.scheduled_at is not None and mailing.scheduled_at > clock.now()
    return datetime.fromisoformat(mailing.local_time) if ahead and mailing.zone == zone else None


def overlap_of(mailing: Mailing, planned: wall_clock.Planned | None, user: User) -> overlaps.Overlap | None:
    """Tell what it meets at the time that was chosen, else at its own, else on its planned day; None without a day."""
    if planned is None and mailing.state == "scheduled" and mailing.scheduled_at:
        planned = wall_clock.at(mailing.scheduled_at, mailing.zone)
    if planned is not None:
        return overlaps.look(mailing, overlaps.day_of(planned), planned.zone)
    day = of(mailing)
    return overlaps.look(mailing, day, user.zone) if day else None


def _reschedule(mailing: Mailing, now: Entry, wanted: Move, user: User) -> Moved:
    if wanted.day is None or now.day is None:
        raise NotMoved("Take it back to a draft to take its day away.", now)
    version, mailing_id = mailing.version, mailing.id
    try:
        planned = wall_clock.plan(_same_hour(mailing, wanted.day - now.day), mailing.zone)
        overlaps.require_known(mailing, planned, wanted.known)
        scheduling.schedule(mailing, planned, timing=keeping.timing(mailing), version=version)
    except overlaps.NotKnown as overlap:
        raise NotMoved(str(overlap), now, know=overlap.key) from overlap
    except (wall_clock.BadTime, NotReady) as error:
        raise NotMoved(str(error), now) from error
    except scheduling.OutOfStep as error:
        db.session.rollback()
        changed = entries.get(mailing_id, user)
        raise NotMoved(_meanwhile(db.session.get_one(Mailing, mailing_id), changed), changed) from error
    moved = entries.get(mailing_id, user)
    if moved is None:
        raise NotMoved("This mailing was deleted.")
    return Moved(moved, now.day, f"{telling.goes_out(mailing)}. {planned.note}".strip())


def _same_hour(mailing: Mailing, later: timedelta) -> str:
    """Return the wall clock's time in the zone of the mailing, so many days later."""
    if mailing.scheduled_at is None:
        raise wall_clock.BadTime("This mailing has no time yet.")
    typed = mailing.local_time or mailing.scheduled_at.astimezone(ZoneInfo(mailing.zone)).strftime(wall_clock.WALL)
    return (datetime.fromisoformat(typed) + later).strftime(wall_clock.WALL)


def _meanwhile(mailing: Mailing, now: Entry | None) -> str:
    """Say who changed it last, and where it is now."""
    query = select(AuditEntry.actor).where(AuditEntry.thing == "mailing", AuditEntry.thing_id == mailing.id)
    who = db.session.scalar(query.where(AuditEntry.verb != "test").order_by(AuditEntry.id.desc()).limit(1))
    name = db.session.scalar(select(User.name).where(User.email == who)) or "Somebody"
    state = entries.STATES[mailing.state]
    when = f" for {telling.when(mailing)}" if mailing.state == "scheduled" else ""
    if mailing.state == "draft":
        day = now.day if now else None
        when = f", planned for {day:%A, %B} {day.day}" if day else ", planned for no day"
    again = " Move it again if it still holds." if now and now.movable else ""
    return f"{name} changed this mailing meanwhile: it is {state}{when}. Your move was not made.{again}"


def _plain(day: date | None) -> str | None:
    return day.isoformat() if day else None
