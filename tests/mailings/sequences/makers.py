"""Makers of sequences for these tests."""

from typing import Any

from crm.extensions import db
from crm.mailings import composing
from crm.mailings.sequences import editing, living
from crm.mailings.sequences.models import Sequence
from tests.mailings.makers import topic_id


def make_sequence(waits: list[tuple[int, int | None]], **values: Any) -> Sequence:
    """A draft with a step for each (days, minute of the day)."""
    defaults = {"name": "Welcome", "trigger": "confirmed", "trigger_value": "", "goal_id": None}
    sequence = Sequence(state="draft")
    editing.save(sequence, {**defaults, "topic_id": topic_id(), **values}, 1)
    for days, minute in waits:
        step = editing.add_step(sequence, "alice@bridgeway.example")
        body = {"body": f"Step {step.number} for {{{{ first_name | default: 'friend' }}}}", "markup": "markdown"}
        composing.save(step.mailing, body | {"preheader": "Hello"}, version=1)
        editing.change_step(step, {"days": days, "minute": minute, "segment_id": None})
    db.session.commit()
    return sequence


def start(sequence: Sequence) -> None:
    living.start(sequence, sequence.version, living.unpublished(sequence))
    db.session.commit()
