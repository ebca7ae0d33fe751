"""Interactions and next steps."""

from datetime import date

import pytest

from crm.extensions import db
from crm.influencers import interactions
from tests import factories

TODAY = date(2026, 11, 22)


def test_interactions_are_kept_newest_first(app, oscar):
    contact = factories.make_contact()
    interactions.log(contact, "call", date(2026, 11, 1), "Short call", oscar)
    interactions.log(contact, "meeting", TODAY, "Met in her office", oscar, next_step="Send the paper")
    db.session.commit()
    assert [(i.kind, i.summary) for i in interactions.of(contact.id)] == [
        ("meeting", "Met in her office"),
        ("call", "Short call"),
    ]


def test_a_next_step_is_done_once(app, oscar):
    step = interactions.log(factories.make_contact(), "note", TODAY, "Note", oscar, next_step="Call back")
    interactions.complete(step, oscar)
    done_at = step.next_step_done_at
    interactions.complete(step, oscar)
    assert done_at and step.next_step_done_at == done_at


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "fax"}, "kind"),
        ({"summary": "  "}, "summary"),
        ({"next_step_due": TODAY}, "next_step"),
    ],
)
def test_what_cannot_stand_is_refused_by_name(app, oscar, given, field):
    values = {"kind": "call", "held_on": TODAY, "summary": "Spoke", "user": oscar, **given}
    with pytest.raises(interactions.Refused) as refusal:
        interactions.log(factories.make_contact(), **values)
    assert refusal.value.field == field
