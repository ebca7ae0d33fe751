"""Who is due today, and who has gone stale."""

from datetime import date, timedelta

import pytest

from crm.influencers import asks, interactions, today
from crm.influencers.stages import table
from tests import factories

TODAY = date(2026, 11, 22)


def days(number):
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("patience", "last", "next_step", "why"),
    [
        (None, None, False, ""),
        (45, None, True, "no interaction yet"),
        (45, -45, True, ""),
        (45, -46, True, "no interaction in 46 days"),
        (90, -46, True, ""),
        (45, -3, False, "no next step"),
        (45, -3, True, ""),
    ],
)
def test_the_stale_rule(patience, last, next_step, why):
    last_on = None if last is None else days(last)
    assert today.why_stale(patience, last_on, next_step, TODAY) == why


def test_due_lists_open_asks_and_steps_latest_first(app, oscar, alice):
    influencer = factories.make_influencer()
    factories.make_ask(influencer, title="Late", owner_id=oscar.id, due_on=days(-2))
    factories.make_ask(influencer, title="Soon", owner_id=alice.id, due_on=days(3))
    factories.make_ask(influencer, title="Far", owner_id=oscar.id, due_on=days(30))
    closed = factories.make_ask(influencer, title="Closed", owner_id=oscar.id, due_on=days(-9))
    asks.advance(closed, "lapsed", oscar)
    contact = influencer.contact
    interactions.log(contact, "call", days(-5), "Call", oscar, next_step="Step", next_step_due=days(-1))
    done = interactions.log(contact, "call", days(-5), "Call", oscar, next_step="Done", next_step_due=days(-1))
    interactions.complete(done, oscar)
    assert [(d.kind, d.title, d.days_late) for d in today.due(TODAY)] == [
        ("ask", "Late", 2),
        ("step", "Step", 1),
        ("ask", "Soon", -3),
    ]
    assert [d.title for d in today.due(TODAY, oscar.id)] == ["Late", "Step"]


def test_stale_ones_come_longest_silent_first_and_an_open_ask_is_a_next_step(app, oscar):
    quiet = factories.make_influencer(last_name="Quiet", stage="engaged", owner_id=oscar.id)
    fresh = factories.make_influencer(last_name="Fresh", stage="engaged", owner_id=oscar.id)
    never = factories.make_influencer(last_name="Never", stage="connected")
    asked = factories.make_influencer(last_name="Asked", stage="asked")
    factories.make_influencer(last_name="Unmet")
    interactions.log(quiet.contact, "call", days(-60), "Call", oscar, next_step="Write")
    interactions.log(fresh.contact, "call", days(-6), "Call", oscar)
    interactions.log(asked.contact, "call", days(-6), "Call", oscar)
    factories.make_ask(asked, due_on=days(9))
    assert [(i.id, why) for i, why in today.stale(TODAY).shown] == [
        (never.id, "no interaction yet"),
        (quiet.id, "no interaction in 60 days"),
        (fresh.id, "no next step"),
    ]
    assert [i.id for i, _why in today.stale(TODAY, oscar.id).shown] == [quiet.id, fresh.id]


def test_of_many_gone_stale_a_few_are_read_and_all_are_counted(app, oscar):
    made = [factories.make_influencer(stage="engaged") for _ in range(5)]
    for number, influencer in enumerate(made):
        interactions.log(influencer.contact, "call", days(-60 + number), "Call", oscar)
    found = today.stale(TODAY, limit=2)
    assert [influencer.id for influencer, _ in found.shown] == [made[0].id, made[1].id]
    assert found.count == 5
    assert today.stale(TODAY, oscar.id, limit=2) == today.Stale([], 0)


@pytest.mark.parametrize("stage", ["identified", "connected"])
@pytest.mark.parametrize("last", [None, -44, -45, -46])
@pytest.mark.parametrize("planned", ["", "step", "done", "ask"])
def test_the_list_follows_the_rule(app, oscar, stage, last, planned):
    influencer = factories.make_influencer(stage=stage)
    if last is not None:
        step = "Write" if planned in ("step", "done") else ""
        talk = interactions.log(influencer.contact, "call", days(last), "Call", oscar, next_step=step)
        if planned == "done":
            interactions.complete(talk, oscar)
    if planned == "ask":
        factories.make_ask(influencer, due_on=days(9))
    has_next_step = planned == "ask" or (planned == "step" and last is not None)
    patience = table.patience()[stage]
    why = today.why_stale(patience, None if last is None else days(last), has_next_step, TODAY)
    assert [reason for _, reason in today.stale(TODAY).shown] == ([why] if why else [])
