"""How many questions each page of influencers asks the database: at most fifteen, however much there is to show."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.extensions import db
from crm.goals.models import Goal
from crm.influencers import asks, bulk, interactions, notes, pipeline, profiles
from crm.influencers.network import acquaintances, proposals
from crm.influencers.network.acquaintances import Knower
from crm.influencers.positions import stances
from crm.influencers.saved_filters import saving
from crm.influencers.snoozes import snoozing
from tests import factories
from tests.questions import asked

MOST = 15
PAGES = {
    "dashboard": "/staff/",
    "people": "/staff/people/?q=a",
    "log, with what it settles": "/staff/log/?influencer={influencer}&about=step-1",
    "dashboard of all": "/staff/?whose=all",
    "board": "/staff/influencers/board",
    "board by owner": "/staff/influencers/board?lanes=owner",
    "board by sector": "/staff/influencers/board?lanes=sector&q=a",
    "list": "/staff/influencers/",
    "list by last interaction": "/staff/influencers/?sort=last&position=supporter",
    "chart": "/staff/influencers/chart",
    "profile": "/staff/influencers/{influencer}",
    "history": "/staff/influencers/{influencer}/history",
    "edit": "/staff/influencers/{influencer}/edit",
    "new": "/staff/influencers/new",
    "who knows": "/staff/network/people/{contact}",
    "proposed": "/staff/network/proposed",
    "ledger": "/staff/asks/",
    "ledger by influencer": "/staff/asks/?sort=influencer&q=speak",
    "ask": "/staff/asks/{ask}",
    "edit of an ask": "/staff/asks/{ask}/edit",
    "new ask": "/staff/asks/new/{influencer}",
    "saved filters": "/staff/asks/filters/",
    "report": "/staff/asks/report",
    "stages": "/staff/settings/stages/",
    "stage": "/staff/settings/stages/2",
    "removal of a stage": "/staff/settings/stages/2/remove",
}


def numbers_of(browser, places):
    found = {}
    for name, address in PAGES.items():
        browser.get(address.format(**places))  # So that what is read once in a process is not counted.
        with asked() as questions:
            answer = browser.get(address.format(**places))
        if answer.status_code != 403:
            assert answer.status_code == 200, f"{name}: {answer.status}"
            found[name] = len(questions)
    return found


@pytest.fixture
def people(app, alice):
    """An admin, and an organizer of each of two members."""
    north, south = (factories.make_organization(name, is_member=True, via=name.lower()) for name in ("North", "South"))
    organizers = [
        factories.make_user("organizer", name=f"Staff of {o.name}", organization_id=o.id) for o in (north, south)
    ]
    factories.add(Goal(metric="confirmed_sign_ups", title="Goal", target=800, starts_on=day(-9), deadline=day(90)))
    return [alice, *organizers]


def day(later):
    return clock.today("America/New_York") + timedelta(days=later)


def more_of(one, people):
    """Let each of the people do with the influencer all that there is to do."""
    for user in people:
        step = {"next_step": "Write", "next_step_due": day(2)}
        for openness in ("open", "ask"):
            interactions.log(one.contact, "call", day(-3), "We spoke", user, openness=openness, **step)
        payer, campaign = (
            factories.make_organization(),
            factories.make_campaign(f"Campaign of {user.name} {clock.now()}"),
        )
        ask = factories.make_ask(one, user, owner_id=user.id, due_on=day(1), campaign_id=campaign.id)
        asks.edit(ask, {"paid_by_id": payer.id, "owner_id": people[0].id}, user, 1)
        asks.advance(ask, "made", user)
        notes.write(one, "Only for us", user, organization_id=user.organization_id, admins_only=False)
        snoozing.snooze(one, "On leave", day(9), user, day(0))
        pipeline.move(one, "asked" if one.stage != "asked" else "engaged", user, "Went well")
        other = people[0] if one.owner_id != people[0].id else people[1]
        profiles.edit(one, {"office": f"{clock.now()}", "owner_id": other.id}, user, one.version)
        stances.note(one, campaign.id, "supporter", "Her speech", user, 0)
        friend = factories.make_contact()
        for contact, knower in ((one.contact, friend), (friend, user)):
            knows = Knower(user=knower) if knower is user else Knower(contact=knower)
            facts = {"strength": 3, "kind": "other", "last_contact_on": None, "remark": "", "seen_by": "members"}
            acquaintances.add(contact, knows, facts, user)
        proposals.propose(factories.make_contact(), source="Library", source_key=f"{friend.id}", why="Reads much")
        saving.save(user, f"Filter {friend.id}", {"state": "made", "owner": str(user.id)}, shared=True)
    bulk.release(one, people[-1], "She asked for it")
    db.session.commit()


def test_no_page_asks_more_than_fifteen_questions_however_much_there_is_to_show(client_of, people):
    first = factories.make_influencer(
        "Ada", "Adams", stage="engaged", state="MI", sector="policy", owner_id=people[1].id
    )
    more_of(first, people)
    places = {"influencer": first.id, "contact": first.contact_id, "ask": first.asks[0].id}
    browsers = [client_of(user) for user in people[:2]]
    few = [numbers_of(browser, places) for browser in browsers]
    for number in range(3):
        more_of(first, people)
        more_of(factories.make_influencer("Ben", f"Brook{number}", stage="engaged", owner_id=people[0].id), people)
    many = [numbers_of(browser, places) for browser in browsers]
    for before, after in zip(few, many, strict=True):
        assert {name: number for name, number in after.items() if number > before[name]} == {}
        assert {name: number for name, number in after.items() if number > MOST} == {}
    assert set(many[0]) == set(PAGES)
