"""The board: lanes, counts, ages, and every move possible without a script."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.extensions import db
from crm.influencers import board, pipeline
from tests import factories
from tests.questions import asked

BOARD = "/staff/influencers/board"


@pytest.fixture
def three(app, oscar, alice):
    ada = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id, sector="policy")
    ben = factories.make_influencer("Ben", "Brook", stage="engaged", owner_id=alice.id, sector="media")
    eve = factories.make_influencer("Eve", "Evans", stage="asked", sector="policy")
    db.session.commit()
    return ada, ben, eve


def shown(lanes):
    return {
        lane.label: {
            column.stage: [card.influencer.name for card in column.cards] for column in lane.columns if column.cards
        }
        for lane in lanes
    }


def test_without_lanes_all_stand_in_one(three):
    assert shown(board.lanes({}, "", clock.today())) == {
        "": {"engaged": ["Ada Adams", "Ben Brook"], "asked": ["Eve Evans"]}
    }


def test_lanes_by_owner_and_by_sector(three):
    assert shown(board.lanes({}, "owner", clock.today())) == {
        "Alice Admin": {"engaged": ["Ben Brook"]},
        "Oscar Organizer": {"engaged": ["Ada Adams"]},
        "No owner": {"asked": ["Eve Evans"]},
    }
    assert shown(board.lanes({}, "sector", clock.today())) == {
        "Policy": {"engaged": ["Ada Adams"], "asked": ["Eve Evans"]},
        "Media": {"engaged": ["Ben Brook"]},
    }


def test_each_column_counts_all_and_shows_those_longest_in_it(app, oscar, monkeypatch):
    monkeypatch.setattr(board, "CARDS_A_COLUMN", 2)
    for days in (1, 30, 7):
        factories.make_influencer(str(days), "Days", stage="asked", stage_since=clock.now() - timedelta(days=days))
    asked = next(c for c in board.lanes({}, "", clock.today())[0].columns if c.stage == "asked")
    assert asked.count == 3
    assert [(card.influencer.name, card.days_here) for card in asked.cards] == [("30 Days", 30), ("7 Days", 7)]


def test_the_page_shows_lanes_counts_and_the_filters_that_were_asked_for(as_oscar, three):
    page = as_oscar.page(f"{BOARD}?lanes=owner&sector=policy").text
    assert "Oscar Organizer" in page and "No owner" in page and "Ben Brook" not in page
    assert "data-stage" in page and "data-age>0<" in page
    as_oscar.page(f"{BOARD}?lanes=sector")
    as_oscar.page(f"{BOARD}?lanes=nonsense&q=zzz")


def test_a_move_without_script_goes_back_to_the_board_as_it_was_filtered(as_oscar, three):
    ada = three[0]
    data = {"stage": "asked", "version": ada.version, "back": "board"}
    answer = as_oscar.post(f"/staff/influencers/{ada.id}/move?lanes=owner&sector=policy&q=", data=data)
    assert answer.location == f"{BOARD}?sector=policy&lanes=owner#card-{ada.id}"


def test_who_is_told_of_anothers_move_chooses_with_all_that_was_typed(as_oscar, three, alice):
    ada = three[0]
    pipeline.move(ada, "connected", alice, "She left the board")
    db.session.commit()
    data = {"stage": "champion", "version": 1, "reason": "She signed", "back": "board"}
    page = as_oscar.send(f"/staff/influencers/{ada.id}/move?lanes=owner", data, status=409).text
    assert "Alice Admin moved Ada Adams to Connected meanwhile (She left the board)" in page
    assert 'value="She signed"' in page and "Leave it in Connected" in page and f"lanes=owner#card-{ada.id}" in page
    assert 'name="version" type="hidden" value="2"' in page
    as_oscar.send(f"/staff/influencers/{ada.id}/move", {**data, "version": 2})
    assert (ada.stage, ada.version) == ("champion", 3)


def test_a_board_of_many_takes_few_queries(app, as_oscar, oscar):
    for number in range(40):
        owner = oscar.id if number % 2 else None
        factories.make_influencer(stage=("asked", "engaged")[number % 2], owner_id=owner)
    db.session.commit()
    with asked() as questions:
        as_oscar.page(f"{BOARD}?lanes=owner")
    assert len(questions) <= 15, questions
