"""Pages of influencers: list, board, profile, adding, editing, moving, releasing."""

import pytest
from sqlalchemy import select

from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import interactions, pipeline, profiles
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat
from tests import factories

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer(
        "Ada",
        "Adams",
        stage="engaged",
        role="Chair",
        state="MI",
        district="0",
        owner_id=oscar.id,
        website="https://ada.example",
    )
    seat = {"code": "HSED", "name": "Education", "role": "Chair", "rank": 1, "side": "majority"}
    db.session.add(CommitteeSeat(influencer_id=one.id, **seat))
    factories.make_ask(one, oscar, title="Speak at the forum")
    db.session.commit()
    return one


def fields(influencer, **changes):
    names = ("first_name", "last_name", "organization_name")
    values = {name: getattr(influencer.contact, name) for name in names}
    values |= {
        name: getattr(influencer, name) or "" for name in ("role", "office", "phone", "notes", "owner_id", "website")
    }
    return {**values, "sector": "", "interest": "", "influence": "", "version": influencer.version, **changes}


def test_an_empty_list_says_what_to_do(as_oscar, as_bob):
    assert "Add an influencer" in as_oscar.page("/staff/influencers/").text
    assert "Add an influencer" not in as_bob.page("/staff/influencers/").text
    as_oscar.page("/staff/influencers/board")
    as_oscar.page("/staff/asks/")


def test_the_list_shows_filters_and_sorts(as_oscar, ada):
    factories.make_influencer("Ben", "Brook")
    db.session.commit()
    page = as_oscar.page("/staff/influencers/?sort=last&order=desc").text
    assert "Adams" in page and "Brook" in page and "Speak at the forum" in page and "MI at large" in page
    page = as_oscar.page("/staff/influencers/?stage=engaged&category=visibility&state=MI&owner=none").text
    assert "Nobody matches" in page
    assert "Brook" not in as_oscar.page("/staff/influencers/?q=ada").text
    as_oscar.page("/staff/influencers/?page=99999&sort=x&order=y&owner=x")


def test_the_board_shows_each_in_its_stage_with_the_open_ask(as_oscar, as_bob, ada):
    page = as_oscar.page("/staff/influencers/board").text
    engaged = page[page.index('data-stage="engaged"') : page.index('data-stage="asked"')]
    assert "Adams" in engaged and "Speak at the forum" in engaged and "Oscar Organizer" in engaged
    assert "data-move" in engaged
    assert "data-move" not in as_bob.page("/staff/influencers/board").text
    assert "Nobody matches" in as_oscar.page("/staff/influencers/board?owner=none").text


def test_a_move_by_the_menu_of_a_card_goes_back_to_the_board(as_oscar, ada):
    data = {"stage": "asked", "version": ada.version, "reason": "Asked at lunch", "back": "board"}
    page = as_oscar.send(f"/staff/influencers/{ada.id}/move", data)
    assert page.request.path == "/staff/influencers/board" and "is in Asked now" in page.text
    assert db.session.get(Influencer, ada.id).moves[0].reason == "Asked at lunch"


def test_a_drag_gets_the_new_version_and_can_be_followed_by_another(as_oscar, ada):
    first = as_oscar.post(f"/staff/influencers/{ada.id}/move", data={"stage": "asked", "version": 1}, headers=FETCH)
    again = {"stage": "champion", "version": first.json["version"]}
    second = as_oscar.post(f"/staff/influencers/{ada.id}/move", data=again, headers=FETCH)
    assert (first.status_code, second.status_code, second.json["stage"]) == (200, 200, "champion")


def test_a_drag_after_somebody_elses_is_told_and_not_made(as_oscar, alice, ada):
    pipeline.move(ada, "connected", alice, "She left the board")
    db.session.commit()
    answer = as_oscar.post(f"/staff/influencers/{ada.id}/move", data={"stage": "asked", "version": 1}, headers=FETCH)
    assert answer.status_code == 409
    assert "Alice Admin moved Ada Adams to Connected meanwhile (She left the board)" in answer.json["message"]
    page = as_oscar.send(f"/staff/influencers/{ada.id}/move", {"stage": "asked", "version": 1}, status=409)
    assert "Your move to Asked was not made" in page.text
    db.session.expire_all()
    assert db.session.get(Influencer, ada.id).stage == "connected"


def test_a_move_to_a_stage_that_there_is_not_is_refused(as_oscar, ada):
    answer = as_oscar.post(f"/staff/influencers/{ada.id}/move", data={"stage": "x", "version": 1}, headers=FETCH)
    assert answer.status_code == 409 and answer.json["stage"] == "engaged"
    as_oscar.send("/staff/influencers/999/move", {"stage": "asked"}, status=404)


def test_the_profile_shows_everything_and_a_viewer_gets_no_buttons(as_oscar, as_bob, oscar, ada):
    interactions.log(ada.contact, "call", ada.created_at.date(), "Spoke\nlong", oscar, next_step="Send paper")
    db.session.commit()
    page = as_oscar.page(f"/staff/influencers/{ada.id}").text
    for text in ("Chair", "MI at large", "Education", "Speak at the forum", "Send paper", "https://ada.example"):
        assert text in page
    assert 'method="post" action="/staff/influencers' in page
    assert 'action="/staff/in' not in as_bob.page(f"/staff/influencers/{ada.id}").text
    as_oscar.page("/staff/influencers/999", status=404)


def test_somebody_new_is_added_without_an_address(as_oscar):
    data = {
        "last_name": "Reyes",
        "stage": "connected",
        "state": "TX",
        "sector": "media",
        "interest": "4",
        "owner_id": "",
    }
    page = as_oscar.send("/staff/influencers/new", data)
    assert "Reyes is an influencer now" in page.text
    one = db.session.scalars(select(Influencer)).one()
    assert (one.contact.email, one.stage, one.interest, one.sector, one.owner_id) == (
        None,
        "connected",
        4,
        "media",
        None,
    )


def test_an_address_on_record_makes_that_contact_an_influencer(as_oscar):
    contact = factories.make_contact("dean@college.example", first_name="Dee", last_name="Dean")
    db.session.commit()
    data = {"last_name": "Other", "email": "Dean@College.Example", "stage": "identified", "sector": ""}
    assert "Dee Dean is an influencer now" in as_oscar.send("/staff/influencers/new", data).text
    assert "was an influencer already" in as_oscar.send("/staff/influencers/new", data).text
    assert db.session.scalars(select(Influencer.contact_id)).all() == [contact.id]


def test_a_contact_is_made_an_influencer_from_its_own_page(as_oscar):
    contact = factories.make_contact(first_name="Dee", last_name="Dean")
    db.session.commit()
    page = as_oscar.page(f"/staff/influencers/new?contact={contact.id}").text
    assert 'value="Dee"' in page and contact.email in page
    data = {"last_name": "Dean", "contact_id": contact.id, "stage": "identified", "sector": "", "email": contact.email}
    as_oscar.send("/staff/influencers/new", data)
    assert len(db.session.scalars(select(Contact)).all()) == 1
    as_oscar.page("/staff/influencers/new?contact=999")


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(as_oscar):
    data = {"first_name": "Ann", "email": "ann at home", "website": "javascript:x", "phone": "1" * 33, "stage": "x"}
    page = as_oscar.send("/staff/influencers/new", data).text
    for text in ("Give the last name.", "Enter an e-mail address", "Give the whole address", "There is a problem"):
        assert text in page
    assert 'value="Ann"' in page and "ann at home" in page
    assert db.session.scalars(select(Influencer)).all() == []


def test_an_edit_is_kept_in_the_history(as_oscar, ada):
    as_oscar.page(f"/staff/influencers/{ada.id}/edit")
    page = as_oscar.send(f"/staff/influencers/{ada.id}/edit", fields(ada, role="Dean", last_name="Adamson"))
    assert "Dean" in page.text
    page = as_oscar.page(f"/staff/influencers/{ada.id}/history")
    assert "Chair → Dean" in page.text and "Adams → Adamson" in page.text


def test_the_second_of_two_editors_sees_what_the_first_changed(as_oscar, alice, ada):
    opened = fields(ada, phone="555", role="Chair")
    profiles.edit(ada, {"role": "President"}, alice, 1)
    db.session.commit()
    page = as_oscar.send(f"/staff/influencers/{ada.id}/edit", opened, status=409)
    assert "Role from “Chair” to “President”" in page.text and "Alice Admin" in page.text
    assert 'value="President"' in page.text and 'value="555"' in page.text
    db.session.expire_all()
    assert db.session.get(Influencer, ada.id).phone == ""
    again = fields(db.session.get(Influencer, ada.id), phone="555")
    as_oscar.send(f"/staff/influencers/{ada.id}/edit", again)
    db.session.expire_all()
    assert (ada.phone, ada.role) == ("555", "President")


def test_a_move_meanwhile_does_not_stop_an_edit(as_oscar, alice, ada):
    opened = fields(ada, phone="555")
    pipeline.move(ada, "asked", alice)
    db.session.commit()
    as_oscar.send(f"/staff/influencers/{ada.id}/edit", opened)
    db.session.expire_all()
    assert (ada.phone, ada.stage) == ("555", "asked")


def test_an_influencer_is_released_for_bulk_mail_with_a_reason_and_held_again(as_oscar, ada):
    page = as_oscar.send(f"/staff/influencers/{ada.id}/release", {"release-reason": ""}, status=422)
    assert "Say why." in page.text
    page = as_oscar.send(f"/staff/influencers/{ada.id}/release", {"release-reason": "Wants the alerts"})
    assert "Wants the alerts" in page.text and "Oscar Organizer" in page.text
    assert "held out of bulk mail again" in as_oscar.send(f"/staff/influencers/{ada.id}/hold").text


def test_a_next_step_is_logged_and_ticked_off(as_oscar, ada):
    data = {"log-kind": "meeting", "log-held_on": "2026-11-20", "log-summary": "Met her", "log-next_step": "Send paper"}
    page = as_oscar.send(f"/staff/interactions/with/{ada.id}", {**data, "log-next_step_due": "2026-12-01"})
    assert "Met her" in page.text and "Send paper" in page.text
    step = interactions.of(ada.contact_id)[0]
    page = as_oscar.send(f"/staff/interactions/{step.id}/done")
    assert page.request.path == f"/staff/influencers/{ada.id}" and "Done: Send paper" in page.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"log-summary": ""}, "Say in a sentence what happened."),
        ({"log-held_on": "yesterday"}, "Give the date as year, month and day"),
        ({"log-held_on": ""}, "Give the date."),
        ({"log-next_step_due": "2026-12-01"}, "Say what is to be done by that date."),
        ({"log-kind": "fax"}, "Not a valid choice"),
    ],
)
def test_an_interaction_that_cannot_stand_keeps_what_was_typed(as_oscar, ada, changes, message):
    data = {"log-kind": "call", "log-held_on": "2026-11-20", "log-summary": "A long talk", "log-next_step": ""}
    page = as_oscar.send(f"/staff/interactions/with/{ada.id}", {**data, **changes}, status=422)
    assert message in page.text
    assert "log-summary" in changes or "A long talk" in page.text
    assert interactions.of(ada.contact_id) == []


def test_a_viewer_changes_nothing(as_bob, ada):
    for path in (f"/staff/influencers/{ada.id}/move", "/staff/influencers/new", f"/staff/interactions/with/{ada.id}"):
        as_bob.send(path, {"stage": "asked"}, status=403)
    db.session.refresh(ada)
    assert ada.stage == "engaged"
    assert ada.moves == []
