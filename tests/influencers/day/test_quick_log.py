"""Logging from anywhere: whoever is typed is found, and nothing typed is lost."""

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.extensions import db
from crm.influencers import interactions
from crm.influencers.models import Interaction
from crm.influencers.tasks.models import Task
from tests import factories

DAY = clock.today("America/New_York")
URL = "/staff/log/"


def typed(**values):
    return {"kind": "call", "held_on": DAY.isoformat(), "summary": "Spoke of the bill", "next_step": "", **values}


@pytest.fixture
def adas(app, oscar):
    """Two of the same name, and one whose name begins alike."""
    made = [factories.make_influencer("Ada", "Adams", role=role) for role in ("Mayor", "Dean", "Editor")]
    made[2].contact.last_name = "Adamski"
    db.session.commit()
    return made


def logged():
    return db.session.scalars(select(Interaction)).all()


def test_a_part_of_a_name_is_enough_where_one_is_meant(as_oscar, adas, oscar):
    values = typed(who="adamski", next_step="Send the paper", next_step_due=DAY.isoformat())
    assert "Logged with Ada Adamski." in as_oscar.send(URL, values).text
    [one] = logged()
    assert (one.contact_id, one.summary, one.next_step) == (adas[2].contact_id, "Spoke of the bill", "Send the paper")
    assert (one.user_id, one.held_on, one.kind) == (oscar.id, DAY, "call")


def test_of_several_one_is_chosen_and_what_was_typed_stays(as_oscar, adas):
    page = as_oscar.send(URL, typed(who="Ada Adams"), status=422).text
    assert "2 influencers match. Choose one." in page and "Spoke of the bill" in page
    assert "Ada Adams, Mayor" in page and "Ada Adams, Dean" in page and logged() == []
    as_oscar.send(URL, typed(who="Ada Adams", influencer_id=adas[1].id))
    assert [one.contact_id for one in logged()] == [adas[1].contact_id]


def test_the_label_that_is_offered_names_exactly_one(as_oscar, adas):
    page = as_oscar.page(URL).text
    assert '<option value="Ada Adams, Mayor">' in page
    as_oscar.send(URL, typed(who="Ada Adams, Mayor"))
    assert [one.contact_id for one in logged()] == [adas[0].contact_id]


def test_whom_the_address_names_is_logged_with_even_among_namesakes(as_oscar, adas):
    adas[1].role = "Mayor"
    db.session.commit()
    page = as_oscar.page(f"{URL}?influencer={adas[1].id}").text
    assert 'value="Ada Adams, Mayor"' in page and f'name="influencer_id" value="{adas[1].id}"' in page
    as_oscar.send(URL, typed(who="Ada Adams, Mayor", influencer_id=adas[1].id))
    assert [one.contact_id for one in logged()] == [adas[1].contact_id]
    as_oscar.send(URL, typed(who="Adamski", influencer_id=adas[1].id))
    assert [one.contact_id for one in logged()] == [adas[1].contact_id, adas[2].contact_id]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"who": ""}, "Type the name of an influencer."),
        ({"who": "Nobody Atall"}, "No influencer matches “Nobody Atall”."),
        ({"who": "%"}, "No influencer matches “%”."),
        ({"who": "Adamski", "summary": ""}, "Say in a sentence what happened."),
        ({"who": "Adamski", "held_on": "soon"}, "Give the date as year, month and day"),
        ({"who": "Adamski", "next_step_due": DAY.isoformat()}, "Say what is to be done by that date."),
        ({"who": "Adamski", "kind": "fax"}, "Not a valid choice"),
        ({"who": "x" * 500}, "longer than 400"),
        ({"who": "Nobody", "influencer_id": "999999999999"}, "No influencer matches"),
    ],
)
def test_what_cannot_stand_is_said_and_nothing_typed_is_lost(as_oscar, adas, values, message):
    page = as_oscar.send(
        URL, typed(**{"next_step": "Send the paper", **values} if "next_step_due" not in values else values), 422
    )
    assert message in page.text and logged() == []
    assert values.get("summary", "Spoke of the bill") in page.text


def test_it_goes_back_to_the_page_that_led_here_and_nowhere_else(as_oscar, adas):
    came = {"Referer": "http://localhost/staff/mailings/?state=draft"}
    assert 'name="back" value="/staff/mailings/?state=draft"' in as_oscar.page(URL, headers=came).text
    assert 'name="back" value=""' in as_oscar.page(URL, headers={"Referer": "http://evil.example/staff/"}).text
    places = {"/staff/mailings/": "/staff/mailings/", "https://evil.example/": "/staff/", "": None}
    for back, place in places.items():
        answer = as_oscar.post(URL, data=typed(who="Adamski", back=back, summary=f"Spoke {back}"))
        assert answer.location == (place or f"/staff/influencers/{adas[2].id}")


def test_the_approach_of_another_member_is_shown_before_anything_is_kept(as_oscar, adas):
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    interactions.log(adas[2].contact, "meeting", DAY, "Xyzzy", nora)
    page = as_oscar.send(URL, typed(who="Adamski"), status=409).text
    assert "Nothing is logged yet." in page and "Nora" in page and "Xyzzy" not in page
    assert "Spoke of the bill" in page and len(logged()) == 1
    shown = page.partition('name="shown"')[2].partition('value="')[2].partition('"')[0]
    assert "Logged with Ada Adamski." in as_oscar.send(URL, typed(who="Adamski", shown=shown)).text


def test_who_else_took_part_is_named_here_too_and_approaches_to_them_are_shown(as_oscar, adas):
    bert = factories.make_influencer("Bert", "Brown")
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    interactions.log(bert.contact, "meeting", DAY, "Xyzzy", nora)
    db.session.commit()
    values = typed(who="Adamski", participants="Bert Brown", place="Room 12")
    page = as_oscar.send(URL, {**values, "participants": "Nobody Known"}, status=422).text
    assert "Nobody on record is" in page and "Spoke of the bill" in page
    page = as_oscar.send(URL, values, status=409).text
    assert "Nora" in page and "Room 12" in page and "Bert Brown</textarea>" in page
    shown = page.partition('name="shown"')[2].partition('value="')[2].partition('"')[0]
    as_oscar.send(URL, {**values, "shown": shown})
    assert "Spoke of the bill" in as_oscar.page(f"/staff/influencers/{bert.id}").text


def test_nobody_logs_with_whom_they_do_not_see_nor_is_offered_them(client_of, adas):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", organization_id=south.id)
    adas[2].organization_id = north.id
    db.session.commit()
    browser = client_of(sam)
    assert "Adamski" not in browser.page(URL).text
    assert "Adamski" not in browser.page(f"{URL}?influencer={adas[2].id}").text
    for values in ({"who": "Adamski"}, {"who": "Ada Adamski, Editor", "influencer_id": adas[2].id}):
        page = browser.send(URL, typed(**values), status=422).text
        assert "No influencer matches" in page
    assert "Ada Adamski" not in browser.send(URL, typed(who="Ada"), status=422).text
    assert logged() == []


def test_more_than_ten_who_match_are_not_all_listed(as_oscar):
    for number in range(12):
        factories.make_influencer("Kim", f"Kimura{number}")
    page = as_oscar.send(URL, typed(who="Kim"), status=422).text
    assert "More than 10 influencers match. Choose one, or type more." in page


def test_what_the_talk_settles_is_ticked_off_with_it_where_that_is_said(as_oscar, adas, oscar):
    step = interactions.log(adas[2].contact, "call", DAY, "Asked", oscar, next_step="Call again", next_step_due=DAY)
    task = factories.add(
        Task(influencer_id=adas[2].id, title="Ask the dean", due_on=DAY, assignee_id=oscar.id, made_by_id=oscar.id)
    )
    db.session.commit()
    day = as_oscar.page("/staff/day/").text
    for about, row in ((f"step-{step.id}", step), (f"task-{task.id}", task)):
        assert f"about={about}" in day
        title = "Call again" if row is step else "Ask the dean"
        assert f"With this is done: “{title}”" in as_oscar.page(f"{URL}?influencer={adas[2].id}&about={about}").text
        as_oscar.send(URL, typed(who="Adamski", about=about))
        assert title in as_oscar.page("/staff/day/").text
        assert f"Done: {title}" in as_oscar.send(URL, typed(who="Adamski", about=about, done="1")).text
        assert "With this is done" not in as_oscar.page(f"{URL}?about={about}").text


@pytest.mark.parametrize("about", ["", "step-", "step-x", "step-99999999999", "task-999", "ask-1", "-1"])
def test_what_settles_nothing_changes_nothing(as_oscar, adas, about):
    assert "With this is done" not in as_oscar.page(f"{URL}?about={about}").text
    assert "Logged with Ada Adamski." in as_oscar.send(URL, typed(who="Adamski", about=about, done="1")).text


def test_nobody_reads_or_settles_the_next_step_of_another_member(as_oscar, adas):
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", organization_id=north.id)
    words = {"next_step": "Plugh", "next_step_due": DAY, "openness": "private"}
    step = interactions.log(adas[2].contact, "note", DAY, "Xyzzy", nora, **words)
    db.session.commit()
    assert "Plugh" not in as_oscar.page(f"{URL}?about=step-{step.id}").text
    assert "Plugh" not in as_oscar.send(URL, typed(who="Adamski", about=f"step-{step.id}", done="1")).text
    assert step.next_step_done_at is None
