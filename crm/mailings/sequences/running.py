"""Sequences at work: who comes in, and who gets the next step; for the ticker.

A step is sent and the contact moved on to the next one in one transaction, which begins by claiming the run as it was
seen. So whatever is killed, restarted or done twice, nobody gets a step twice, and none is left out.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError

from crm.base import audit, clock, database
from crm.base.database import insert_into
from crm.base.triggers import triggers
from crm.contacts import time_zones
from crm.contacts.models import Contact
from crm.delivery import outbox
from crm.extensions import db
from crm.mailings import holding, identity
from crm.mailings.sequences import reaching
from crm.mailings.sequences.due import due
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep
from crm.mailings.sequences.reaching import Reached

log = logging.getLogger(__name__)

CHUNK = 200  # contacts a transaction
CHUNKS = 20  # of one sequence in a tick, so that others have their turn
# What happened longer ago, as while the sequence was paused, is no occasion any more.
TOO_LATE = timedelta(days=7)
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
    )
    .execution_options(synchronize_session=False)
)


def work() -> None:
    """Let contacts into every live sequence, and send the steps that are due. Commits after each chunk."""
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
        now = clock.now()
        runs = _due(sequence, now)
        step = next((one for one in sequence.steps if runs and one.id == runs[0].step_id), None)
        if step is None:
            return 0
        reached = reaching.look(sequence, step, [run.contact_id for run in runs])
        zones = {run.contact_id: run.zone for run in runs}
        following = next((one for one in sequence.steps if one.number > step.number), None)
    claimed = _claim([run.id for run in runs], step, now)
    moves = [_step(run, contact, reached, step, following, zones[contact], now) for run, contact in claimed]
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
    except Exception:
        db.session.rollback()
        log.exception("sequence %d is paused", sequence_id)
        paused = update(Sequence).where(Sequence.id == sequence_id, Sequence.state == "live")
        db.session.execute(paused.values(state="paused", problem=FAULT, version=Sequence.version + 1))
        audit.record("pause", "sequence", sequence_id, reason=FAULT)
        holding.tell_of_sequence(sequence_id, FAULT)
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


def _due(sequence: Sequence, now: datetime) -> Any:
    """Return (id, contact_id, step_id, zone) of those whose turn it is, all of the same step."""
    zone = time_zones.expression(identity.current().zone or "UTC").label("zone")
    query = select(SequenceRun.id, SequenceRun.contact_id, SequenceRun.step_id, zone)
    query = query.join(Contact, Contact.id == SequenceRun.contact_id)
    # Who comes to a step that was never published waits for it.
    query = query.join(SequenceStep, SequenceStep.id == SequenceRun.step_id).where(SequenceStep.sent_version > 0)
    waits = (SequenceRun.sequence_id == sequence.id, SequenceRun.state == "running", SequenceRun.due_at <= now)
    rows = db.session.execute(query.where(*waits).order_by(SequenceRun.due_at, SequenceRun.id).limit(CHUNK)).all()
    return [row for row in rows if row.step_id == rows[0].step_id]


def _claim(run_ids: Collection[int], step: SequenceStep, now: datetime) -> list[tuple[int, int]]:
    """Hold those of the runs that are still where they were seen until the transaction ends; return (id, contact)."""
    still = (SequenceRun.state == "running", SequenceRun.step_id == step.id, SequenceRun.due_at <= now)
    held = update(SequenceRun).where(SequenceRun.id.in_(run_ids), *still).values(changed_at=now)
    held = held.execution_options(synchronize_session=False).returning(SequenceRun.id, SequenceRun.contact_id)
    return [(run, contact) for run, contact in db.session.execute(held)]


def _step(
    run: int,
    contact: int,
    reached: Reached,
    step: SequenceStep,
    following: SequenceStep | None,
    zone: str,
    now: datetime,
) -> dict[str, Any]:
    """Queue the copy of a contact, if it is to get one, and return how its run goes on."""
    move = {"run": run, "to": "left", "next": None, "at": None, "why": reached.left.get(contact, ""), "now": now}
    if move["why"]:
        return move
    if contact in reached.copies:
        copy = reached.copies[contact]
        outbox.queue(copy.message_id, copy.address, contact_id=contact, merge=copy.merge, occasion=f"step:{step.id}")
    if following is None:
        return move | {"to": "done"}
    return move | {"to": "running", "next": following.id, "at": due(now, zone, following)}
