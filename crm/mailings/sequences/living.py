"""Starting, pausing and ending a sequence, and publishing what its steps say."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, true, update

from crm.base import audit, changes, clock, database
from crm.base.changes import Refused
from crm.base.columns import UtcDateTime
from crm.base.database import insert_into
from crm.base.triggers import triggers
from crm.contacts.click_consent import agreeing
from crm.delivery import outbox
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import checks, holding, links, releasing
from crm.mailings.approval import gate, people, rules
from crm.mailings.audience import Reach
from crm.mailings.models import MailingMessage
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep

MAY_HAVE_GONE = "It was live when the backup of {moment} was made. Start it to go on; some steps may come twice."
ENDED = "The sequence was ended"


def start(sequence: Sequence, opened_on: int, seen: Mapping[int, int]) -> None:
    """Let it begin, or go on, `seen` as `unpublished` told it; raises Refused, Collision.

    At the first start, those of whom the trigger is true without a date have done it before, and do not come in.
    """
    changes.claim(sequence, "sequence", opened_on)
    if sequence.state not in ("draft", "paused"):
        raise Refused(f"This sequence is {sequence.state} already.", "")
    if not sequence.steps:
        raise Refused("Add a step first.", "")
    for step_id in unpublished(sequence):
        publish(db.session.get_one(SequenceStep, step_id), seen.get(step_id, 0))
    if sequence.live_since is None:
        sequence.live_since = clock.now()
        _leave_out(sequence, sequence.live_since)
    _each_message(sequence, outbox.resume)
    _turn(sequence, "live", "start")


def pause(sequence: Sequence) -> None:
    """Let nobody in and send nothing until it is started again; raises Refused."""
    changes.lock(sequence)
    if sequence.state != "live":
        raise Refused(f"This sequence is {sequence.state}.", "")
    _each_message(sequence, outbox.pause)
    _turn(sequence, "paused", "pause")


def end(sequence: Sequence) -> None:
    """End it for good; who is on the way leaves it, and the segments that it named are free. Raises Refused."""
    changes.lock(sequence)
    if sequence.state not in ("live", "paused"):
        raise Refused(f"This sequence is {sequence.state}.", "")
    going = update(SequenceRun).where(SequenceRun.sequence_id == sequence.id, SequenceRun.state == "running")
    left = going.values(state="left", due_at=None, reason=ENDED, changed_at=clock.now())
    db.session.execute(left.execution_options(synchronize_session=False))
    _each_message(sequence, outbox.cancel)
    for step in sequence.steps:
        step.segment_id = None
    _turn(sequence, "ended", "end", **changes.apply(sequence, {"goal_id": None}))


def unpublished(sequence: Sequence) -> dict[int, int]:
    """Return, of each step that goes out with the next start, its id and the version of what it says."""
    return {step.id: step.mailing.version for step in sequence.steps if not step.sent_version}


def publish(step: SequenceStep, seen: int) -> None:
    """Let what the step says now, and said in that version when it was looked at, go out from now on.

    Raises Refused with what must be mended first, and where it says something else by now.
    """
    mailing = step.mailing
    changes.lock(mailing)
    if mailing.version != seen:
        raise Refused(f"Step {step.number} was changed since you looked at it. Read it before you let it go out.", "")
    db.session.expire(mailing, ["texts"])
    faults = [check.text for check in checks.look(mailing, Reach()) if check.forbids and not check.passed]
    if faults:
        raise Refused(f"Step {step.number}: {' '.join(faults)}", "")
    person = gate.releaser()
    if rules.current().approval_over is not None and person is not None and not people.may_approve(person, mailing):
        raise Refused(f"Step {step.number}: somebody who neither began nor changed it has to let it go out.", "")
    if step.sent_version == mailing.version:
        return
    known = [link.url for link in mailing.links]
    counted = links.Rewriter(mailing.id, known, personal=agreeing.anybody())
    variant = f"v{mailing.version}"
    messages = {
        (language, variant): outbox.write(kind="bulk", **values).id
        for (language, _), values in releasing.said(mailing, counted).items()
    }
    releasing.note(mailing.id, messages, enumerate(counted.urls[len(known) :], len(known) + 1))
    step.sent_version = mailing.version
    db.session.flush()
    db.session.refresh(mailing, ["messages", "links"])
    audit.record("publish", "sequence", step.sequence_id, step=step.number, version=mailing.version)


def hold_restored(made_at: datetime) -> int:
    """Pause what was live when the backup was made that is restored; return how many."""
    problem = MAY_HAVE_GONE.format(moment=f"{made_at:%Y-%m-%d %H:%M} UTC")
    live = update(Sequence).where(Sequence.state == "live").values(state="paused", problem=problem)
    return int(db.session.execute(live.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def hold_refused() -> None:
    """Pause what sends a step whose message paused itself, because mail servers refused it; for the ticker. Commits."""
    with database.looking():
        query = select(SequenceStep.sequence_id, Message.pause_reason).join(Sequence).where(Sequence.state == "live")
        query = query.join(MailingMessage, MailingMessage.mailing_id == SequenceStep.mailing_id)
        query = query.join(Message, Message.id == MailingMessage.message_id)
        refused = db.session.execute(query.where(Message.state == "paused", Message.pause_reason != "")).all()
    for sequence_id, reason in refused:
        paused = update(Sequence).where(Sequence.id == sequence_id, Sequence.state == "live")
        values = {"state": "paused", "problem": reason[:200], "version": Sequence.version + 1}
        if db.session.execute(paused.values(values).execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
            audit.record("hold", "sequence", sequence_id, reason=reason)
            holding.tell_of_sequence(sequence_id, reason)
    db.session.commit()


def _each_message(sequence: Sequence, act: Callable[[int], object]) -> None:
    for step in sequence.steps:
        for message_id in step.mailing.message_ids:
            act(message_id)


def _turn(sequence: Sequence, state: str, verb: str, **changed: Any) -> None:
    audit.record(verb, "sequence", sequence.id, state=[sequence.state, state], **changed)
    sequence.state, sequence.problem = state, ""
    sequence.version += 1
    db.session.flush()


def _leave_out(sequence: Sequence, now: datetime) -> None:
    trigger = triggers[sequence.trigger]
    if trigger.dated:
        return
    who = trigger.who(sequence.trigger_value, now).subquery()
    moment = literal(now, UtcDateTime())
    values: dict[str, Any] = {
        "sequence_id": literal(sequence.id),
        "contact_id": who.c[0],
        "state": literal("before"),
        "reason": literal(""),
        "entered_at": moment,
        "changed_at": moment,
    }
    people = select(*values.values()).where(true())  # SQLite takes ON CONFLICT for a join without it.
    rows = insert_into(SequenceRun).from_select(list(values), people, include_defaults=False)
    db.session.execute(rows.on_conflict_do_nothing())
