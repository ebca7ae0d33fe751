"""Stage moves: both ways, kept, and never lost between two people."""

import pytest
from sqlalchemy import select

from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import pipeline
from crm.influencers.changes import Collision
from tests import factories


def test_a_move_is_kept_with_date_user_and_reason(app, oscar):
    influencer = factories.make_influencer()
    pipeline.move(influencer, "connected", oscar, "Met at the forum")
    pipeline.move(influencer, "identified", oscar, "It was somebody else")
    db.session.commit()
    assert influencer.stage == "identified"
    db.session.refresh(influencer)
    assert [(m.old_stage, m.new_stage, m.reason, m.user_id) for m in influencer.moves] == [
        ("connected", "identified", "It was somebody else", oscar.id),
        ("identified", "connected", "Met at the forum", oscar.id),
    ]
    assert all(move.at.tzinfo for move in influencer.moves)


def test_a_move_to_the_present_stage_keeps_nothing(app, oscar):
    influencer = factories.make_influencer(stage="engaged")
    assert pipeline.move(influencer, "engaged", oscar) is None
    assert influencer.version == 1


def test_a_move_stands_on_the_timeline(app, oscar):
    influencer = factories.make_influencer()
    pipeline.move(influencer, "engaged", oscar)
    db.session.commit()
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "stage")).one()
    assert entry.contact_id == influencer.contact_id
    assert entry.title == "Moved from Identified to Engaged"


def test_a_stage_that_there_is_not_is_refused(app, oscar):
    with pytest.raises(pipeline.UnknownStage, match="Choose one of"):
        pipeline.move(factories.make_influencer(), "retired", oscar)


def test_the_second_of_two_movers_learns_what_the_first_did(app, oscar, alice):
    influencer = factories.make_influencer()
    pipeline.move(influencer, "connected", alice, expected_version=1)
    with pytest.raises(Collision) as collision:
        pipeline.move(influencer, "engaged", oscar, expected_version=1)
    assert [(c.new_stage, c.user_id) for c in collision.value.changes] == [("connected", alice.id)]
    assert influencer.stage == "connected"


def test_two_who_move_to_the_same_stage_do_not_collide(app, oscar, alice):
    influencer = factories.make_influencer()
    pipeline.move(influencer, "connected", alice, expected_version=1)
    assert pipeline.move(influencer, "connected", oscar, expected_version=1) is None
