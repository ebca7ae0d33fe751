"""What became of those who came into a sequence."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from crm.delivery import pruned
from crm.extensions import db
from crm.mailings.models import MailingMessage
from crm.mailings.sequences.models import Sequence, SequenceRun

STATES = {"running": "On the way", "done": "Had all steps", "left": "Left", "before": "Did it before"}


@dataclass(frozen=True)
class Counts:
    """How many are in each state, how many wait for each step, and how many copies of its mailing were sent."""

    states: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)


def of(sequence: Sequence) -> Counts:
    """Return the numbers of a sequence as they are now."""
    mine = select(SequenceRun.state, SequenceRun.step_id, func.count()).where(SequenceRun.sequence_id == sequence.id)
    counts = Counts(dict.fromkeys(STATES, 0))
    for state, step_id, number in db.session.execute(mine.group_by(SequenceRun.state, SequenceRun.step_id)):
        counts.states[state] += number
        if step_id is not None:
            counts.waiting[step_id] = number
    counts.sent.update(_sent([step.mailing_id for step in sequence.steps]))
    return counts


def people(sequence: Sequence, state: str = "", step_id: int | None = None) -> Select[SequenceRun]:
    """Return the select of the runs in that state, or that wait for that step, the newest first."""
    query = select(SequenceRun).where(SequenceRun.sequence_id == sequence.id).options(joinedload(SequenceRun.contact))
    query = query.where(SequenceRun.state == state) if state else query
    query = query.where(SequenceRun.step_id == step_id) if step_id else query
    return query.order_by(SequenceRun.changed_at.desc(), SequenceRun.id.desc())


def on_the_way() -> dict[int, int]:
    """Return how many are on the way in each sequence, by its id."""
    query = select(SequenceRun.sequence_id, func.count()).where(SequenceRun.state == "running")
    return dict(db.session.execute(query.group_by(SequenceRun.sequence_id)).all())


def _sent(mailing_ids: Collection[int]) -> dict[int, int]:
    messages = select(MailingMessage).where(MailingMessage.mailing_id.in_(mailing_ids))
    of = {one.message_id: one.mailing_id for one in db.session.scalars(messages)}
    found = dict.fromkeys(mailing_ids, 0)
    for message_id, state, number in db.session.execute(pruned.counts(of)):
        found[of[message_id]] += int(number) * (state == "sent")
    return found
