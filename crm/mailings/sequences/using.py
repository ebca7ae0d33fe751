"""Which mailings are steps, and which sequences need a segment."""

from flask import url_for
from sqlalchemy import ColumnElement, or_, select

from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.sequences.models import Sequence, SequenceStep


def step_of(mailing_id: int) -> SequenceStep | None:
    """Return the step that a mailing is of."""
    return db.session.scalar(select(SequenceStep).where(SequenceStep.mailing_id == mailing_id))


def whom(step: SequenceStep) -> str:
    """Return in words who gets what a step says: nobody of an audience, but whoever comes to it."""
    inside = f", if they are in the segment {step.segment.name}" if step.segment else ""
    return f"Whoever comes to step {step.number} of {step.sequence.name}{inside}"


def is_no_step() -> ColumnElement[bool]:
    """Return the condition that a mailing stands for itself."""
    return Mailing.id.not_in(select(SequenceStep.mailing_id))


def users_of_segment(segment_id: int) -> list[tuple[str, str]]:
    """Return the name and the page of each sequence that names the segment; one that was ended names none."""
    named = select(SequenceStep.sequence_id).where(SequenceStep.segment_id == segment_id)
    query = select(Sequence).where(or_(Sequence.goal_id == segment_id, Sequence.id.in_(named)))
    return [
        (f"the sequence “{one.name}”", url_for("sequences_staff.show", sequence_id=one.id))
        for one in db.session.scalars(query.order_by(Sequence.name))
    ]
