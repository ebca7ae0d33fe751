"""Stage moves: both ways, kept, and never lost between two people."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from crm.base.changes import Collision
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import pipeline
from crm.influencers.models import Influencer, StageChange
from crm.influencers.stages import table
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
    with pytest.raises(table.UnknownStage, match="Choose one of"):
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


def test_of_many_who_move_one_card_at_once_one_moves_it_and_the_others_are_told(app):
    influencer_id = factories.make_influencer().id
    db.session.commit()

    def try_to(stage):
        with app.app_context():
            influencer = db.session.get(Influencer, influencer_id)
            try:
                made = pipeline.move(influencer, stage, None, expected_version=1)
                db.session.commit()
            except Collision:
                return "told"
            return "moved" if made else "was there"

    stages = ["connected", "engaged", "asked", "champion"] * 3
    with ThreadPoolExecutor(4) as crowd:
        outcomes = list(crowd.map(try_to, stages))
    db.session.expire_all()
    change = db.session.scalars(select(StageChange)).one()
    assert outcomes.count("moved") == 1
    assert {stages[n] for n, outcome in enumerate(outcomes) if outcome != "told"} == {change.new_stage}
    assert db.session.get(Influencer, influencer_id).stage == change.new_stage
