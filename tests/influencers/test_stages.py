"""Stages that an admin adds, names, orders and removes; what is done in one that is gone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.changes import Refused
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import interactions, pipeline, profiles, today
from crm.influencers.models import Influencer, StageChange
from crm.influencers.stages import editing, table
from crm.influencers.stages.models import Stage
from tests import factories

STAGES = "/staff/settings/stages/"
FETCH = {"X-Requested-With": "fetch"}


def stage(key):
    return db.session.scalars(select(Stage).where(Stage.key == key)).one()


def test_a_new_installation_has_the_five_and_everybody_begins_in_the_first(app):
    assert list(table.labels().values()) == ["Identified", "Connected", "Engaged", "Asked", "Champion"]
    assert table.beginning().key == "identified"
    assert profiles.add(factories.make_contact(), {}, None).stage == "identified"


def test_a_stage_is_added_named_and_ordered_by_buttons(as_alice):
    as_alice.page(STAGES)
    page = as_alice.send(f"{STAGES}new", {"label": "Won over", "stale_after": "90"})
    assert "The stage Won over is saved." in page.text and "90 days" in page.text
    made = stage("won_over")
    as_alice.send(f"{STAGES}{made.id}/move", {"to": "up"})
    assert list(table.labels()) == ["identified", "connected", "engaged", "asked", "won_over", "champion"]
    as_alice.send(f"{STAGES}{made.id}", {"label": "Convinced", "stale_after": "", "version": made.version})
    assert table.labels()["won_over"] == "Convinced"
    board = as_alice.page("/staff/influencers/").text
    assert "Convinced" in board
    as_alice.page("/staff/influencers/new")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"label": ""}, "Give the name."),
        ({"label": "asked"}, "There is a stage of that name already."),
        ({"label": "Won", "stale_after": "soon"}, "Give a whole number of days"),
        ({"label": "Won", "stale_after": "0"}, "Give 1 to 3650 days."),
    ],
)
def test_a_stage_that_cannot_stand_keeps_what_was_typed(as_alice, values, message):
    page = as_alice.send(f"{STAGES}new", values)
    assert message in page.text
    assert values["label"] in page.text
    assert len(table.labels()) == 5


def test_exactly_one_stage_is_the_beginning(as_alice, app):
    first, second = stage("identified"), stage("connected")
    page = as_alice.send(f"{STAGES}{first.id}", {"label": "Identified", "version": first.version})
    assert "Make another stage the beginning instead." in page.text
    as_alice.send(f"{STAGES}{second.id}", {"label": "Connected", "before_contact": "y", "version": second.version})
    assert [one.key for one in table.everything() if one.before_contact] == ["connected"]
    assert profiles.add(factories.make_contact(), {}, None).stage == "connected"


def test_the_second_of_two_admins_at_one_stage_is_shown_what_the_first_changed(as_alice):
    one = stage("asked")
    as_alice.send(f"{STAGES}{one.id}", {"label": "Approached", "version": 1})
    page = as_alice.send(f"{STAGES}{one.id}", {"label": "Pitched", "version": 1}, status=409)
    assert "Approached" in page.text and "Pitched" in page.text
    assert table.labels()["asked"] == "Approached"


def test_a_stage_in_use_is_removed_only_by_saying_where_its_influencers_go(as_alice, alice):
    ada, ben = (factories.make_influencer(stage="engaged") for _ in range(2))
    pipeline.move(factories.make_influencer(), "engaged", alice)
    db.session.commit()
    url = f"{STAGES}{stage('engaged').id}/remove"
    assert "3 influencers are in this stage" in as_alice.page(url).text
    page = as_alice.send(url, {"to": "", "reason": "One too many"}, status=422)
    assert "Say to which stage its influencers move." in page.text and "One too many" in page.text
    page = as_alice.send(url, {"to": "connected", "reason": "One too many"})
    assert "The stage Engaged is removed, and 3 influencers were moved." in page.text
    assert "engaged" not in table.labels()
    moves = db.session.scalars(select(StageChange).where(StageChange.influencer_id == ada.id)).all()
    assert [(m.old_stage, m.new_stage, m.reason, m.user_id, m.version) for m in moves] == [
        ("engaged", "connected", "The stage Engaged was removed. One too many", alice.id, 2)
    ]
    assert (ada.stage, ada.version, ben.stage) == ("connected", 2, "connected")
    told = select(TimelineEntry.title).where(TimelineEntry.contact_id == ada.contact_id, TimelineEntry.kind == "stage")
    assert db.session.scalars(told).all() == ["Moved from Engaged to Connected"]
    assert "Engaged → Connected" in as_alice.page(f"/staff/influencers/{ada.id}/history").text


def test_the_beginning_and_a_stage_that_is_gone_cannot_be_removed(app, alice):
    with pytest.raises(Refused, match="Make another one the beginning first"):
        editing.remove(stage("identified"), "asked", "", alice)
    gone = stage("asked")
    editing.remove(gone, "", "", alice)
    with pytest.raises(Refused, match="removed this stage already"):
        editing.remove(gone, "", "", alice)
    with pytest.raises(Refused, match="Choose a stage that there is"):
        editing.remove(stage("engaged"), "asked", "", alice)


def test_a_page_from_before_that_moves_to_a_removed_stage_is_told_and_loses_nothing(as_oscar, alice):
    ada = factories.make_influencer("Ada", "Adams", stage="connected")
    editing.remove(stage("asked"), "champion", "", alice)
    db.session.commit()
    data = {"stage": "asked", "version": 1, "reason": "Asked at lunch"}
    page = as_oscar.send(f"/staff/influencers/{ada.id}/move", data, status=409).text
    assert "The stage Asked was removed, and its influencers went to Champion." in page
    assert "Asked at lunch" in page
    answer = as_oscar.post(f"/staff/influencers/{ada.id}/move", data=data, headers=FETCH)
    assert (answer.status_code, answer.json["stage"]) == (409, "connected")
    assert "The stage Asked was removed" in answer.json["message"]
    typed = {"last_name": "Reyes", "stage": "asked", "sector": "", "owner_id": ""}
    page = as_oscar.send("/staff/influencers/new", typed).text
    assert "The stage Asked was removed" in page and "Reyes" in page
    assert ada.stage == "connected"


def test_nobody_is_left_in_a_stage_that_is_removed_while_others_move_into_it(app, alice):
    ids = [factories.make_influencer().id for _ in range(12)]
    engaged = stage("engaged").id
    db.session.commit()

    def move(number):
        with app.app_context():
            try:
                pipeline.move(db.session.get(Influencer, ids[number]), "engaged", None)
                db.session.commit()
            except table.UnknownStage:
                return "told"
            return "moved"

    def remove(_number):
        with app.app_context():
            editing.remove(db.session.get(Stage, engaged), "asked", "", None)
            db.session.commit()
            return "removed"

    with ThreadPoolExecutor(4) as crowd:
        work = [crowd.submit(remove if n == 5 else move, n) for n in range(12)]
        outcomes = [one.result() for one in work]
    db.session.expire_all()
    found = db.session.scalars(select(Influencer.stage)).all()
    assert "engaged" not in found
    assert found.count("asked") == outcomes.count("moved")


def test_those_who_are_new_go_where_the_influencers_of_a_removed_stage_went(app, alice):
    editing.remove(stage("asked"), "engaged", "", alice)
    editing.remove(stage("engaged"), "connected", "", alice)
    assert profiles.add(factories.make_contact(), {"stage": "asked"}, None).stage == "connected"


def test_a_name_may_be_given_again_when_its_stage_is_gone(app, alice):
    editing.remove(stage("asked"), "", "", alice)
    editing.save(Stage(), {"label": "Asked", "stale_after": None, "before_contact": False})
    assert table.labels()["asked_2"] == "Asked"


def test_each_stage_may_have_its_own_patience(app, oscar):
    day = clock.today()
    quiet = factories.make_influencer(stage="champion")
    interactions.log(quiet.contact, "call", day - timedelta(days=60), "Call", oscar, next_step="Write")
    assert [one.id for one, _ in today.stale(day).shown] == [quiet.id]
    stage("champion").stale_after = 90
    assert today.stale(day).shown == []
    app.config["STALE_AFTER_DAYS"] = 10
    stage("champion").stale_after = None
    assert [why for _, why in today.stale(day).shown] == ["no interaction in 60 days"]


def test_only_admins_edit_stages(as_oscar):
    as_oscar.page(STAGES, status=403)
    as_oscar.send(f"{STAGES}{stage('asked').id}/remove", {"to": "engaged"}, status=403)
    assert "asked" in table.labels()
