"""Sequences on the calendar: when they began and ended, and the steps that the coming days are expected to bring."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from flask import url_for
from sqlalchemy import Select, func, select

from crm.base import clock
from crm.base.calendars import MOST, Entry, Running, Window
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.sequences import counting, expecting
from crm.mailings.sequences.expecting import Expected
from crm.mailings.sequences.models import STATES, Sequence, SequenceStep


def find(window: Window) -> list[Entry]:
    """Return the days on which sequences began and ended, and the expected steps; they are of no campaign."""
    if window.campaign_id:
        return []
    ours = {sequence.id: sequence for sequence in db.session.scalars(_of(window))}
    days: defaultdict[tuple[int, date], list[Expected]] = defaultdict(list)
    for one in expecting.between(window.first, window.last, window.user.zone):
        days[one.step.sequence_id, one.day].append(one)
    found = [_expected(ours[number], day, steps) for (number, day), steps in days.items() if number in ours]
    for sequence, ended_at in _with_ends(ours.values()):
        turns = {"goes live": sequence.live_since, "ends": ended_at}
        told = {word: window.day_of(at) for word, at in turns.items() if at}
        found += [_turn(sequence, word, day) for word, day in told.items() if window.first <= day <= window.last]
    return found[: MOST + 1]


def running(window: Window) -> list[Running]:
    """Return the sequences that were live at some time of the window, with how many are on their way."""
    if window.campaign_id:
        return []
    on_the_way, found = counting.on_the_way(), []
    for sequence, ended_at in _with_ends(db.session.scalars(_of(window))):
        since = window.day_of(sequence.live_since) if sequence.live_since else window.last
        until = window.day_of(ended_at) if ended_at else None
        if since <= window.last and (until is None or until >= window.first):
            number = f", {on_the_way.get(sequence.id, 0):,} on the way" if sequence.state != "ended" else ""
            what = f"Sequence, {STATES[sequence.state].lower()}{number}"
            there = url_for("sequences_staff.show", sequence_id=sequence.id)
            found.append(Running(sequence.name, what, there, since, until))
    return found


def _of(window: Window) -> Select[Sequence]:
    """Those that were ever live; a user's own are those that the user began to write a step of."""
    query = select(Sequence).where(Sequence.live_since.is_not(None)).order_by(Sequence.name, Sequence.id)
    if window.mine:
        begun = select(SequenceStep.sequence_id).join(Mailing, Mailing.id == SequenceStep.mailing_id)
        query = query.where(Sequence.id.in_(begun.where(Mailing.created_by == window.user.email)))
    return query


def _with_ends(found: Iterable[Sequence]) -> list[tuple[Sequence, datetime | None]]:
    sequences = list(found)
    ids = [one.id for one in sequences if one.state == "ended"]
    turns = select(AuditEntry.thing_id, func.max(AuditEntry.at)).where(AuditEntry.thing == "sequence")
    turns = turns.where(AuditEntry.verb == "end", AuditEntry.thing_id.in_(ids)).group_by(AuditEntry.thing_id)
    ends = dict(db.session.execute(turns).all()) if ids else {}
    return [(one, ends.get(one.id)) for one in sequences]


def _expected(sequence: Sequence, day: date, steps: list[Expected]) -> Entry:
    """One for all steps of a day, which would fill it otherwise. It counts as changed each hour, as do its numbers."""
    numbers = (f"{one.people:,} get{'s' if one.people == 1 else ''} step {one.step.number}" for one in steps)
    changed_at = clock.now().replace(minute=0, second=0, microsecond=0)
    return Entry(
        f"sequence-{sequence.id}-{day.isoformat()}",
        sequence.id,
        day,
        sequence.name,
        f"Sequence, expected: {', '.join(numbers)}",
        url_for("sequences_staff.people", sequence_id=sequence.id, on=day.isoformat()),
        version=int(changed_at.timestamp()) // 3600,
        changed_at=changed_at,
        tone="draft",
    )


def _turn(sequence: Sequence, word: str, day: date) -> Entry:
    return Entry(
        f"sequence-{sequence.id}-{word.partition(' ')[0]}",
        sequence.id,
        day,
        sequence.name,
        f"Sequence {word}",
        url_for("sequences_staff.show", sequence_id=sequence.id),
        version=sequence.version,
        changed_at=sequence.created_at,
    )
