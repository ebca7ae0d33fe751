"""The timing and the waves of a mailing on record, and which recipients a wave is for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, true, update

from crm.base import clock, wall_clock
from crm.base.database import insert_into
from crm.contacts import time_zones
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings.comparing import pairing
from crm.mailings.comparing.models import A, B, MailingComparison
from crm.mailings.models import Mailing
from crm.mailings.waves import planning
from crm.mailings.waves.models import MailingTiming, MailingWave
from crm.mailings.waves.planning import AT_ONCE, Timing, Wave


def timing(mailing: Mailing) -> Timing:
    """Return how a mailing goes out."""
    return of_row(db.session.get(MailingTiming, mailing.id))


def of_row(row: MailingTiming | None) -> Timing:
    """Return the timing that a row holds; without one all get it at once."""
    return Timing(row.own_time, row.spread, row.opens, row.closes) if row else AT_ONCE


def keep(mailing: Mailing, chosen: Timing) -> None:
    """Write down how a mailing goes out."""
    row = db.session.get(MailingTiming, mailing.id) or MailingTiming(mailing_id=mailing.id)
    row.own_time, row.spread, row.opens, row.closes = chosen.own_time, chosen.spread, chosen.opens, chosen.closes
    row.resting = False
    db.session.add(row)


def lived_in(otherwise: str, people: Select[Any]) -> dict[str, int]:
    """Return how many of these contacts (a select of Contact) live in each zone; `otherwise` where none is known."""
    zone = time_zones.expression(otherwise).label("zone")
    zones = people.with_only_columns(zone).subquery()
    query = select(zones.c.zone, func.count()).group_by(zones.c.zone)
    return {name: int(number) for name, number in db.session.execute(query)}


def plan(mailing: Mailing, people: Select[Any], now: datetime) -> list[Wave]:
    """Return the waves of a mailing that is due and goes to these people."""
    if comparison := pairing.of(mailing):
        return _of_two(comparison, now)
    chosen, starts = timing(mailing), {mailing.zone: mailing.scheduled_at or now}
    if chosen.own_time:
        wall = datetime.strptime(mailing.local_time, wall_clock.WALL)
        starts = {zone: planning.start(wall, zone, chosen) for zone in lived_in(mailing.zone, people)}
    return planning.waves(starts, chosen, now)


def write(mailing_id: int, planned: Sequence[Wave]) -> None:
    """Write down the waves of a mailing."""
    db.session.execute(delete(MailingWave).where(MailingWave.mailing_id == mailing_id))
    names = ("due_at", "zones", "first", "last", "variant")
    rows = [{name: getattr(wave, name) for name in names} for wave in planned]
    numbered = [{"mailing_id": mailing_id, "number": number, **row} for number, row in enumerate(rows, 1)]
    # Of the table itself: that of the model would write the default where there is to be nothing.
    db.session.execute(insert_into(MailingWave.__table__), numbered)


def due(mailing_id: int) -> list[MailingWave]:
    """Return the waves whose turn has come, in order."""
    query = select(MailingWave).where(MailingWave.mailing_id == mailing_id, *is_due()).order_by(MailingWave.number)
    return list(db.session.scalars(query))


def is_due() -> list[ColumnElement[bool]]:
    """Return the conditions of a wave whose turn has come."""
    return [MailingWave.frozen_at.is_(None), MailingWave.due_at <= clock.now(), MailingWave.variant.is_not(None)]


def has_wave(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a mailing has a wave like that which is not frozen."""
    found = select(MailingWave.id).where(MailingWave.mailing_id == Mailing.id, MailingWave.frozen_at.is_(None))
    return found.where(*conditions).exists()


def any_left(mailing_id: int) -> bool:
    """Tell whether a wave is still to come."""
    left = select(MailingWave.id).where(MailingWave.mailing_id == mailing_id, MailingWave.frozen_at.is_(None))
    return db.session.scalar(left.limit(1)) is not None


def of(mailing: Mailing) -> Sequence[MailingWave]:
    """Return all waves of a mailing, in order."""
    query = select(MailingWave).where(MailingWave.mailing_id == mailing.id)
    return db.session.scalars(query.order_by(MailingWave.number)).all()


def settle(wave: MailingWave) -> None:
    """Note that the copies of a wave stand in the ledger."""
    whole = update(MailingWave).where(MailingWave.id == wave.id, MailingWave.frozen_at.is_(None))
    db.session.execute(whole.values(frozen_at=clock.now()).execution_options(synchronize_session=False))


def catch_up(mailing: Mailing) -> None:
    """Let what came due while the mailing was paused be due now, so that it is not late."""
    left = update(MailingWave).where(MailingWave.mailing_id == mailing.id, *is_due())
    db.session.execute(left.values(due_at=clock.now()).execution_options(synchronize_session=False))
    if comparison := pairing.of(mailing):
        open_one = update(MailingWave).where(MailingWave.mailing_id == mailing.id, MailingWave.variant.is_(None))
        at = clock.now() + timedelta(hours=comparison.hours)
        db.session.execute(open_one.values(due_at=at).execution_options(synchronize_session=False))


def _of_two(comparison: MailingComparison, now: datetime) -> list[Wave]:
    """Return the waves of two versions that are compared; which one the rest get is decided later."""
    asked = planning.SHARES * comparison.share // 100
    half = asked // 2
    rest = Wave(now + timedelta(hours=comparison.hours), variant=None)
    return [Wave(now, None, 0, half, A), Wave(now, None, half, asked, B), rest]


def among(mailing: Mailing, wave: MailingWave) -> ColumnElement[bool]:
    """Return the condition over Contact of those whose turn it is."""
    here = time_zones.expression(mailing.zone).in_(wave.zones) if wave.zones is not None else true()
    if (wave.first, wave.last) == (0, planning.SHARES):
        return here
    # Turned by the mailing, so that not always the same people are first.
    share = (Contact.id % planning.SHARES * 7919 + mailing.id * 7907 % planning.SHARES) % planning.SHARES
    return here & share.between(wave.first, wave.last - 1)
