"""What became of those who came into a sequence, and of those who came to each of its steps."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from crm.delivery import pruned
from crm.extensions import db
from crm.mailings.models import MailingMessage
from crm.mailings.reading import clicks
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep

STATES = {"running": "On the way", "done": "Had all steps", "left": "Left", "before": "Did it before"}
PARTS = {
    "came": "Came to it",
    "waiting": "Waiting for it",
    "put_off": "Waiting for the frequency cap",
    "left": "Left before it",
}


@dataclass(frozen=True)
class AtStep:
    """How many came to a step, wait for it, and left before it and why; copies that were sent, and who clicked.

    put_off: how many of those who wait had enough mailings lately, and get it when the frequency cap allows.
    """

    came: int
    waiting: int
    put_off: int
    left: Counter[str]
    sent: int
    clicked: int


@dataclass(frozen=True)
class Counts:
    """How many are in each state, and the numbers of each step by its id."""

    states: dict[str, int]
    steps: dict[int, AtStep] = field(default_factory=dict)


def of(sequence: Sequence) -> Counts:
    """Return the numbers of a sequence as they are now."""
    states = select(SequenceRun.state, func.count()).where(SequenceRun.sequence_id == sequence.id)
    counts = Counts(dict.fromkeys(STATES, 0) | dict(db.session.execute(states.group_by(SequenceRun.state)).all()))
    mailings = [step.mailing_id for step in sequence.steps]
    sent, clicked = _sent(mailings), clicks.people_of(mailings)
    for step in sequence.steps:
        reasons = select(SequenceRun.reason, func.count()).where(at(step, "left")).group_by(SequenceRun.reason)
        left = Counter(dict(db.session.execute(reasons).all()))
        came, waiting, put_off = (_number(at(step, part)) for part in ("came", "waiting", "put_off"))
        people = sent[step.mailing_id], clicked.get(step.mailing_id, 0)
        counts.steps[step.id] = AtStep(came, waiting, put_off, left, *people)
    return counts


def people(
    sequence: Sequence, state: str = "", step: SequenceStep | None = None, part: str = ""
) -> Select[SequenceRun]:
    """Return the select of the runs in that state, or in that part of a step (of PARTS), the newest first."""
    query = select(SequenceRun).where(SequenceRun.sequence_id == sequence.id).options(joinedload(SequenceRun.contact))
    query = query.where(SequenceRun.state == state) if state else query
    query = query.where(at(step, part)) if step else query
    return query.order_by(SequenceRun.changed_at.desc(), SequenceRun.id.desc())


def at(step: SequenceStep, part: str) -> ColumnElement[bool]:
    """Return the condition that a run is in that part of a step."""
    mine = SequenceRun.sequence_id == step.sequence_id
    here = mine & (SequenceRun.step_id == step.id)
    if part in ("waiting", "put_off"):
        waits = here & (SequenceRun.state == "running")
        return waits & SequenceRun.put_off_by.is_not(None) if part == "put_off" else waits
    # Before which step somebody left that was taken out, nobody knows any more: they came to the first.
    nowhere = mine & SequenceRun.step_id.is_(None) if step is step.sequence.steps[0] else false()
    left = SequenceRun.state == "left"
    if part == "left":
        return left & or_(here, nowhere)
    further = SequenceRun.step_id.in_([one.id for one in step.sequence.steps if one.number >= step.number])
    on_the_way = mine & further & SequenceRun.state.in_(["running", "left"])
    done = mine & (SequenceRun.state == "done")
    done = done & (SequenceRun.changed_at > step.added_at) if step.added_at else done
    return or_(on_the_way, done, left & nowhere)


def on_the_way() -> dict[int, int]:
    """Return how many are on the way in each sequence, by its id."""
    query = select(SequenceRun.sequence_id, func.count()).where(SequenceRun.state == "running")
    return dict(db.session.execute(query.group_by(SequenceRun.sequence_id)).all())


def _number(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(SequenceRun).where(condition)) or 0


def _sent(mailing_ids: Collection[int]) -> dict[int, int]:
    messages = select(MailingMessage).where(MailingMessage.mailing_id.in_(mailing_ids))
    found = pruned.by({one.message_id: one.mailing_id for one in db.session.scalars(messages)})
    return dict.fromkeys(mailing_ids, 0) | {mailing_id: states["sent"] for mailing_id, states in found.items()}
