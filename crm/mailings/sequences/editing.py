"""Writing a sequence: its name, trigger and goal, and its steps."""

from typing import Any

from sqlalchemy import func, select, update

from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.base.triggers import triggers
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.archive import archiving
from crm.mailings.blocks import starters
from crm.mailings.choosing.wanted import Wanted
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep

MOST_STEPS = 30


def save(sequence: Sequence, values: dict[str, Any], opened_on: int) -> None:
    """Save a sequence, new or opened on that version; raises Refused, Collision."""
    if sequence.id:
        changes.claim(sequence, "sequence", opened_on)
        _check_going(sequence)
    named = select(Sequence.id).where(func.lower(Sequence.name) == values["name"].lower(), Sequence.id != sequence.id)
    if db.session.scalar(named):
        raise Refused(f"There is a sequence “{values['name']}” already. Choose another name.", "name")
    if sequence.live_since and (values["trigger"], values["trigger_value"]) != _begins(sequence):
        raise Refused("People have come in by this trigger already. Make another sequence for another one.", "trigger")
    if sequence.live_since and values["topic_id"] != sequence.topic_id:
        raise Refused("People are on their way under this topic. Make another sequence for another one.", "topic_id")
    trigger = triggers[values["trigger"]]
    about = values["trigger_value"]
    known = bool(trigger.called(about)) if trigger.choices else not about
    if not known and (values["trigger"], about) != _begins(sequence):
        raise Refused(f"Choose what “{trigger.label.lower()}” is about.", "trigger_value")
    changes.keep(sequence, "sequence", values)
    for step in sequence.steps:
        if step.mailing.topic_id != sequence.topic_id:
            # What it says under the other topic is another text: its links out lead there.
            step.mailing.topic_id, step.sent_version = sequence.topic_id, 0
            step.mailing.version += 1
    db.session.flush()


def add_step(sequence: Sequence, by: str) -> SequenceStep:
    """Add a step at the end, with a mailing to be written; raises Refused."""
    changes.lock(sequence)
    if len(sequence.steps) >= MOST_STEPS:
        raise Refused(f"A sequence has {MOST_STEPS} steps at most.", "")
    number = max((step.number for step in sequence.steps), default=0) + 1
    values = {"kind": "newsletter", "topic_id": sequence.topic_id, "audience": Wanted().kept()}
    values |= {"markup": "blocks", "blocks": starters.step()}
    mailing = composing.create(values | {"subject": f"{sequence.name}, {number}"[:200]}, by=by)
    archiving.choose(mailing, shown=False)
    since = clock.now() if sequence.live_since else None
    step = SequenceStep(number=number, mailing_id=mailing.id, days=0 if number == 1 else 3, minute=None, added_at=since)
    sequence.steps.append(step)
    _note(sequence, "add_step", step)
    return step


def change_step(step: SequenceStep, values: dict[str, Any]) -> None:
    """Change when a step is due, and for whom it is; raises Refused."""
    changes.lock(step.sequence)
    _check_going(step.sequence)
    changed = changes.apply(step, values)
    if changed:
        _note(step.sequence, "edit_step", step, **changed)


def move_step(step: SequenceStep, by: int) -> None:
    """Let a step change places with the one before (-1) or after it (1); raises Refused where people are on the way."""
    sequence = step.sequence
    changes.lock(sequence)
    if sequence.live_since:
        raise Refused("People are on their way through the steps, so their order stays.", "")
    place = sequence.steps.index(step)
    if not 0 <= place + by < len(sequence.steps):
        return
    other = sequence.steps[place + by]
    mine, theirs = step.number, other.number
    for one, number in ((step, 0), (other, mine), (step, theirs)):  # Of two equal numbers none may stand there.
        one.number = number
        db.session.flush()
    db.session.refresh(sequence, ["steps"])
    _note(sequence, "move_step", step)


def remove_step(step: SequenceStep) -> None:
    """Take a step out; who waits for it waits for the next, due at the same moment. What was sent stays on record."""
    sequence = step.sequence
    changes.lock(sequence)
    following = next((one for one in sequence.steps if one.number > step.number), None)
    _note(sequence, "remove_step", step)
    mailing = step.mailing
    sequence.steps.remove(step)
    db.session.flush()
    # The foreign key has taken the step from whoever waits for it, also from those who come to it at this moment.
    waits = update(SequenceRun).where(SequenceRun.sequence_id == sequence.id, SequenceRun.step_id.is_(None))
    to = {"step_id": following.id} if following else {"state": "done", "due_at": None}
    waits = waits.where(SequenceRun.state == "running").values(**to)
    db.session.execute(waits.execution_options(synchronize_session=False))
    if mailing.messages:
        mailing.state = "finished"
    else:
        db.session.delete(mailing)
    db.session.flush()


def delete(sequence: Sequence) -> None:
    """Delete a sequence that was never live; raises Refused."""
    changes.lock(sequence)
    if sequence.live_since:
        raise Refused("People have come in already, so it stays on record. End it instead.", "")
    for step in list(sequence.steps):
        remove_step(step)
    audit.record("delete", "sequence", sequence.id, name=[sequence.name, None])
    db.session.delete(sequence)


def _check_going(sequence: Sequence) -> None:
    # What was ended holds no segment, and is not to take hold of one again.
    if sequence.state == "ended":
        raise Refused("This sequence was ended. Make another one.", "")


def _begins(sequence: Sequence) -> tuple[str, str]:
    return sequence.trigger, sequence.trigger_value


def _note(sequence: Sequence, verb: str, step: SequenceStep, **changed: Any) -> None:
    sequence.version += 1
    db.session.flush()
    audit.record(verb, "sequence", sequence.id, step=step.number, **changed)
