"""Snoozing: silent for a known reason, and not called stale until a day."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import interactions, today
from crm.influencers.snoozes import snoozing
from tests import factories

DAY = clock.today("America/New_York")  # As the users of the tests have it.


def days(number):
    return DAY + timedelta(days=number)


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id)
    interactions.log(one.contact, "call", days(-60), "Call", oscar, next_step="Write")
    db.session.commit()
    return one


def test_until_its_day_a_snoozed_one_is_not_stale(ada, oscar):
    snoozing.snooze(ada, "On leave", days(20), oscar, DAY)
    assert today.stale(DAY).shown == []
    assert today.stale(days(19)).shown == []
    assert [one.id for one, _ in today.stale(days(20)).shown] == [ada.id]


def test_it_is_snoozed_shown_and_ended_on_the_profile(as_oscar, ada):
    url = f"/staff/influencers/{ada.id}/snooze"
    page = as_oscar.send(url, {"snooze-reason": "On leave until spring", "snooze-until": days(20).isoformat()}).text
    assert "Ada Adams is snoozed until" in page and "On leave until spring" in page and "Gone stale" not in page
    assert "Snoozed until" in as_oscar.page("/staff/influencers/board").text
    assert "On leave until spring" in as_oscar.page(f"/staff/people/{ada.contact_id}").text
    page = as_oscar.send(f"{url}/end").text
    assert "Ada Adams is snoozed no more." in page and "Gone stale" in page
    page = as_oscar.page(f"/staff/influencers/{ada.id}/history").text
    assert "On leave until spring" in page and "Snooze ended" in page
    assert "was not snoozed" in as_oscar.send(f"{url}/end").text


@pytest.mark.parametrize(
    ("reason", "until", "message"),
    [
        ("", days(5).isoformat(), "Say why"),
        ("On leave", days(0).isoformat(), "Choose a day after today."),
        ("On leave", "", "Give the day on which to look again."),
        ("On leave", "soon", "Give the date as year, month and day"),
    ],
)
def test_what_cannot_stand_keeps_what_was_typed(as_oscar, ada, reason, until, message):
    values = {"snooze-reason": reason, "snooze-until": until}
    page = as_oscar.send(f"/staff/influencers/{ada.id}/snooze", values, status=422).text
    assert message in page and reason in page
    assert snoozing.present(ada, DAY) is None


def test_a_second_snooze_takes_the_place_of_the_first(ada, oscar):
    snoozing.snooze(ada, "On leave", days(20), oscar, DAY)
    snoozing.snooze(ada, "Longer", days(40), oscar, DAY)
    assert snoozing.present(ada, DAY).reason == "Longer"
    assert [one.ended_at is None for one in snoozing.all_of(ada)] == [True, False]
    with pytest.raises(Refused):
        snoozing.snooze(ada, "x", DAY, oscar, DAY)


def test_an_interaction_ends_it_and_a_planned_one_does_not(ada, oscar):
    snoozing.snooze(ada, "On leave", days(20), oscar, DAY)
    interactions.log(ada.contact, "meeting", days(9), "Coffee", oscar)
    assert snoozing.present(ada, DAY)
    interactions.log(ada.contact, "call", DAY, "She called", oscar)
    assert snoozing.present(ada, DAY) is None


def test_what_another_member_keeps_to_itself_does_not_end_it(ada, oscar):
    nora = factories.make_user("organizer", organization_id=factories.make_organization(is_member=True).id)
    snoozing.snooze(ada, "On leave", days(20), oscar, DAY)
    interactions.log(ada.contact, "call", DAY, "Secret", nora, openness="private")
    assert snoozing.present(ada, DAY)
    interactions.log(ada.contact, "call", DAY, "Open", nora)
    assert snoozing.present(ada, DAY) is None


def test_nobody_snoozes_whom_they_do_not_see(client_of, ada):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", organization_id=south.id)
    ada.organization_id = north.id
    db.session.commit()
    values = {"snooze-reason": "x", "snooze-until": days(5).isoformat()}
    client_of(sam).send(f"/staff/influencers/{ada.id}/snooze", values, status=404)
    assert snoozing.all_of(ada) == []
    nora = factories.make_user("organizer", organization_id=north.id)
    snoozing.snooze(ada, "On leave", days(20), nora, DAY)
    db.session.commit()
    client_of(sam).send(f"/staff/influencers/{ada.id}/snooze/end", status=404)
    assert snoozing.present(ada, DAY)
