"""Sequences at work: who comes in, and who gets the next step; for the ticker.

A step is sent and the contact moved on to the next one in one transaction, which begins by claiming the run as it was
seen. So whatever is killed, restarted or done twice, nobody gets a step twice, and none is left out. Under a frequency
cap that happens while no audience is frozen (capping.turns), so that neither overlooks the copies of the other.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from crm.base import audit, clock, database
from crm.base.database import insert_into
from crm.base.triggers import triggers
from crm.contacts import time_zones
from crm.contacts.models import Contact
from crm.delivery import outbox
from crm.extensions import db
from crm.mailings import holding, identity
from crm.mailings.audience import AudienceGone
from crm.mailings.capping import rule, turns
from crm.mailings.sequences import putting_off, reaching
from crm.mailings.sequences.due import due
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep
from crm.mailings.sequences.reaching import Reached

log = logging.getLogger(__name__)

CHUNK = 200  # contacts a transaction
CHUNKS = 20  # of one sequence in a tick, so that others have their turn
# What happened longer ago, as while the sequence was paused, is no occasion any more.
TOO_LATE = timedelta(days=7)
LONGEST_PROBLEM = 200
FAULT = "It stopped because of a fault in the program; its log tells more. Ask whoever runs it."
MOVE = (
    update(SequenceRun)
    .where(SequenceRun.id == bindparam("run"))
    .values(
        state=bindparam("to"),
        step_id=bindparam("next"),
        due_at=bindparam("at"),
        reason=bindparam("why"),
        changed_at=bindparam("now"),
        put_off_by=bindparam("by"),
    )
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True)
class Due:
    """A step that is due now: the one after it, what becomes of whom, in which zones, and whom the cap puts off."""

    step: SequenceStep
    following: SequenceStep | None
    reached: Reached
    zones: dict[int, str]
    put_off: dict[int, datetime]
    cap_version: int | None
    now: datetime


def work() -> None:
    """Let contacts into every live sequence, and send the steps that are due. Commits after each chunk."""
    putting_off.look_again()
    with database.looking():
        live = list(db.session.scalars(select(Sequence.id).where(Sequence.state == "live").order_by(Sequence.id)))
    for sequence_id in live:
        _on_its_own(sequence_id, enter)
        _on_its_own(sequence_id, advance)


def enter(sequence_id: int) -> int:
    """Let a chunk of contacts in by whom the trigger was pulled since it is live; return how many were looked at."""
    with database.looking():
        sequence = db.session.get_one(Sequence, sequence_id, populate_existing=True)
        now, first = clock.now(), next(iter(sequence.steps), None)
        found = db.session.execute(_newcomers(sequence, now)).all() if first and sequence.state == "live" else []
        rows = [_run(sequence, contact_id, now, first, due(now, zone, first)) for contact_id, zone in found if first]
    if rows:
        db.session.execute(insert_into(SequenceRun).on_conflict_do_nothing(), rows)
        db.session.commit()
    return len(rows)


def advance(sequence_id: int) -> int:
    """Send a chunk of what is due of one step, and move those who got it on; return how many were looked at."""
    with database.looking():
        sequence = db.session.get_one(Sequence, sequence_id, populate_existing=True)
        step = _next(sequence, clock.now())
        mailing_id = step.mailing_id if step and rule.of(step.mailing) else None
    turn = None if mailing_id is None else turns.take(mailing_id)
    if step is None or (mailing_id is not None and turn is None):
        return 0
    try:
        return _advance(sequence_id, step.id, turn)
    except turns.Lost:
        return 0
    finally:
        if turn is not None:
            turns.give_back(turn)


def _advance(sequence_id: int, step_id: int, turn: int | None) -> int:
    """Do so for that step; `turn`: the number of the turn that was taken, where it is under a cap."""
    with database.looking():
        sequence = db.session.get_one(Sequence, sequence_id, populate_existing=True)
        step = next((one for one in sequence.steps if one.id == step_id), None)
        runs = _due(sequence, step, clock.now()) if step else []
        if step is None or not runs:
            return 0
        due_now = _look(sequence, step, {run.contact_id: run.zone for run in runs}, capped=turn is not None)
    if turn is not None:
        turns.renew(turn)
    claimed = _claim([run.id for run in runs], step, due_now.now)
    moves = [_step(run, contact, due_now) for run, contact in claimed]
    if moves:
        db.session.connection().execute(MOVE, moves)
    db.session.commit()
    return len(runs)


def _on_its_own(sequence_id: int, act: Callable[[int], int]) -> None:
    # One sequence that cannot go on must not hold up the others, whatever is wrong with it.
    try:
        for _ in range(CHUNKS):
            if not act(sequence_id):
                return
    except DBAPIError:
        db.session.rollback()
        log.exception("sequence %d waits for the database; the next tick tries again", sequence_id)
    except AudienceGone as gone:
        db.session.rollback()
        _pause(sequence_id, str(gone))
    except Exception:
        db.session.rollback()
        log.exception("sequence %d is paused", sequence_id)
        _pause(sequence_id, FAULT)


def _pause(sequence_id: int, problem: str) -> None:
    problem = problem if len(problem) <= LONGEST_PROBLEM else f"{problem[: LONGEST_PROBLEM - 1]}…"
    paused = update(Sequence).where(Sequence.id == sequence_id, Sequence.state == "live")
    db.session.execute(paused.values(state="paused", problem=problem, version=Sequence.version + 1))
    audit.record("pause", "sequence", sequence_id, reason=problem)
    holding.tell_of_sequence(sequence_id, problem)
    db.session.commit()


def _newcomers(sequence: Sequence, now: datetime) -> Any:
    trigger = triggers[sequence.trigger]
    since = max(sequence.live_since or now, now - TOO_LATE)
    who = trigger.who(sequence.trigger_value, since).subquery("who")
    inside = select(SequenceRun.id).where(SequenceRun.sequence_id == sequence.id, SequenceRun.contact_id == who.c[0])
    zone = time_zones.expression(identity.current().zone or "UTC")
    query = select(Contact.id, zone).join(who, who.c[0] == Contact.id).where(~inside.exists())
    return query.order_by(Contact.id).limit(CHUNK)


def _run(sequence: Sequence, contact_id: int, now: datetime, first: SequenceStep, at: datetime) -> dict[str, Any]:
    row = {"sequence_id": sequence.id, "contact_id": contact_id, "entered_at": now, "changed_at": now}
    return row | {"state": "running", "step_id": first.id, "due_at": at, "reason": ""}


def _next(sequence: Sequence, now: datetime) -> SequenceStep | None:
    """Return the step that is due first."""
    query = select(SequenceStep).join(SequenceRun, SequenceRun.step_id == SequenceStep.id)
    query = query.where(*_waits(sequence, now)).order_by(SequenceRun.due_at, SequenceRun.id)
    return db.session.scalars(query.limit(1)).first()


def _due(sequence: Sequence, step: SequenceStep, now: datetime) -> Any:
    """Return (id, contact_id, zone) of those whose turn it is to get the step."""
    zone = time_zones.expression(identity.current().zone or "UTC").label("zone")
    query = select(SequenceRun.id, SequenceRun.contact_id, zone).join(Contact, Contact.id == SequenceRun.contact_id)
    query = query.join(SequenceStep, SequenceStep.id == SequenceRun.step_id)
    query = query.where(*_waits(sequence, now), SequenceRun.step_id == step.id)
    return db.session.execute(query.order_by(SequenceRun.due_at, SequenceRun.id).limit(CHUNK)).all()


def _waits(sequence: Sequence, now: datetime) -> tuple[ColumnElement[bool], ...]:
    due_here = (SequenceRun.sequence_id == sequence.id, SequenceRun.state == "running", SequenceRun.due_at <= now)
    # Who comes to a step that was never published waits for it.
    return (*due_here, SequenceStep.sent_version > 0)


def _look(sequence: Sequence, step: SequenceStep, zones: dict[int, str], *, capped: bool) -> Due:
    """Look what becomes of those whose turn it is."""
    reached = reaching.look(sequence, step, zones)
    following = next((one for one in sequence.steps if one.number > step.number), None)
    cap = rule.of(step.mailing) if capped else None
    put_off = putting_off.until(step, cap, reached.copies, zones) if cap else {}
    return Due(step, following, reached, zones, put_off, cap.version if cap else None, clock.now())


def _claim(run_ids: Collection[int], step: SequenceStep, now: datetime) -> list[tuple[int, int]]:
    """Hold those of the runs that are still where they were seen until the transaction ends; return (id, contact)."""
    still = (SequenceRun.state == "running", SequenceRun.step_id == step.id, SequenceRun.due_at <= now)
    held = update(SequenceRun).where(SequenceRun.id.in_(run_ids), *still).values(changed_at=now)
    held = held.execution_options(synchronize_session=False).returning(SequenceRun.id, SequenceRun.contact_id)
    return [(run, contact) for run, contact in db.session.execute(held)]


def _step(run: int, contact: int, due_now: Due) -> dict[str, Any]:
    """Queue the copy of a contact, if it is to get one, and return how its run goes on."""
    step, following, reached, now = due_now.step, due_now.following, due_now.reached, due_now.now
    move = {"run": run, "to": "running", "next": step.id, "at": None, "why": "", "now": now, "by": None}
    if contact in reached.left:
        return move | {"to": "left", "why": reached.left[contact]}
    if contact in due_now.put_off:
        return move | {"at": due_now.put_off[contact], "by": due_now.cap_version}
    if contact in reached.copies:
        copy = reached.copies[contact]
        outbox.queue(copy.message_id, copy.address, contact_id=contact, merge=copy.merge, occasion=f"step:{step.id}")
    if following is None:
        return move | {"to": "done", "next": None}
    return move | {"next": following.id, "at": due(now, due_now.zones[contact], following)}
