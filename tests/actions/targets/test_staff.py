"""Staff say to whom an action goes: lists, influencers, pace, pauses and texts; what each got opens its rows."""

import pytest
from sqlalchemy import select

from crm.actions.letters import pacing
from crm.actions.models import Action
from crm.actions.targets.models import Target
from crm.base import clock
from crm.delivery.models import SendingLimit
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.offices.models import CommitteeSeat
from tests import factories
from tests.actions.letters.makers import (
    CLERK,
    MAYOR,
    PAGE,
    letters,
    make_action,
    make_member,
    make_target,
    outreach,
    ticked,
    write,
)
from tests.contacts.people import hidden


@pytest.fixture
def place(app) -> str:
    """A letter, and the address of the staff's pages of it."""
    return f"/staff/actions/{make_action().id}/"


def the_action() -> Action:
    return db.session.scalars(select(Action)).one()


def targets() -> list[Target]:
    db.session.expire_all()
    return list(db.session.scalars(select(Target).order_by(Target.id)))


def test_a_list_is_added_as_typed_or_pasted_from_a_sheet_and_once(place, alice, client_of):
    client = client_of(alice)
    sheet = "Name\tE-mail\tPhone\nCity clerk\tClerk@Office.example\t\nBoard\t\t555 010 0100\n"
    assert "2 targets are new" in client.send(f"{place}targets/list", {"text": sheet}).text
    assert "0 targets are new" in client.send(f"{place}targets/list", {"text": sheet}).text
    client.send(
        f"{place}targets/list",
        {"text": '"Mayor, acting",Mayor,City of Dearborn,mayor@office.example,https://m.example/f,'},
    )
    assert [(one.name, one.email, one.phone) for one in targets()] == [
        ("City clerk", CLERK, ""),
        ("Board", "", "555 010 0100"),
        ("Mayor, acting", MAYOR, ""),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Rep. X,,,press@mail.house.gov", "of Congress, which takes letters by its forms alone"),
        ("Ann X,U.S. Senator,,ann@campaign.example", "of Congress, which takes letters by its forms alone"),
        ("Somebody", "neither e-mail, form nor phone"),
        ("A,,,no address", "is no mail address"),
        ("A,,,,javascript:alert(1)", "no whole address of a form"),
        ("A,,,,,call me", "no telephone number"),
        (",,,a@b.example", "there is no name"),
    ],
)
def test_a_line_that_cannot_be_used_is_said_and_none_is_added(place, alice, client_of, line, said):
    answer = client_of(alice).send(f"{place}targets/list", {"text": f"Good,,,good@office.example\n{line}"}, status=422)
    assert said in answer.text and "Line 2" in answer.text and "good@office.example" in answer.text
    assert targets() == []


def test_influencers_are_chosen_by_name_or_committee_and_reached_without_their_private_address(place, alice, client_of):
    client = client_of(alice)
    member = make_member("us-house:MI-5", "Five", "48104")
    db.session.add(CommitteeSeat(influencer_id=member.id, code="HSED", name="Education"))
    ceo = factories.make_influencer("Cora", "Chief", phone="555 010 0100")
    ceo.contact.email = "private@mail.example"
    db.session.commit()
    client.send(f"{place}targets/influencers", {"committee": "HSED"})
    page = client.send(f"{place}targets/influencers", {"who": "Cora Chief"})
    assert "Congress: never by e-mail" in page.text and "private@mail.example" not in page.text
    assert "private@mail.example" not in client.page(PAGE).text
    edit = f"{place}targets/{targets()[1].id}"
    client.send(edit, {"version": "1", "use_email": "y", "greeting": "", "ask_id": ""})
    assert "private@mail.example" in client.page(f"{place}targets/").text
    assert 'value="email:i' in client.page(PAGE).text
    edit = f"{place}targets/{targets()[0].id}"
    client.send(edit, {"version": "1", "use_email": "y", "greeting": "", "ask_id": ""})
    assert f'value="email:i{member.id}"' not in client.page(PAGE).text


def test_numbers_open_their_rows_and_the_rows_can_be_taken_along(place, alice, client, client_of):
    action = the_action()
    make_target(action, "City clerk", email=CLERK)
    make_target(action, "Board", phone="555 010 0100")
    write(client)
    staff = client_of(alice)
    assert f"{place}letters/?target={targets()[0].id}&amp;state=waiting" in staff.page(f"{place}targets/").text
    rows = staff.page(f"{place}letters/?target={targets()[0].id}&state=waiting").text
    assert "Amina Odeh" in rows and "Please keep bus 7." in rows
    assert "Amina Odeh" not in staff.page(f"{place}letters/?state=sent").text
    export = staff.post(f"{place}letters/export").text
    assert "amina@mail.example,Amina,Odeh,48104,City clerk,E-mail,Letters that wait,yes" in export


def test_the_pace_is_set_for_all_and_a_target_is_paused_taken_off_and_brought_back(place, alice, client, client_of):
    make_target(the_action())
    write(client)
    staff = client_of(alice)
    staff.send(f"{place}targets/pace", {"per_hour": "5"})
    assert db.session.scalars(select(SendingLimit.per_hour)).all() == [5]
    assert "Enter a number" in staff.send(f"{place}targets/pace", {"per_hour": "0"}, status=422).text
    assert "Paused" in staff.send(f"{place}targets/{targets()[0].id}/pause").text
    staff.send(f"{place}targets/{targets()[0].id}/resume")
    assert "Off the list" in staff.send(f"{place}targets/{targets()[0].id}/remove").text
    assert "nobody to write to" in client.page(PAGE).text
    staff.send(f"{place}targets/{targets()[0].id}/restore")
    assert "City clerk" in client.page(PAGE).text and len(letters()) == 1


def test_a_pace_holds_for_who_comes_back_and_for_an_office_that_another_action_paced(place, alice, client, client_of):
    make_target(the_action())
    make_target(the_action(), "Mayor", email=MAYOR)
    make_target(the_action(), "Harbor master", email="harbor@office.example")
    write(client, did=["email:t1"])
    pacing.begin(MAYOR, 30)
    staff = client_of(alice)
    staff.send(f"{place}targets/{targets()[0].id}/remove")
    staff.send(f"{place}targets/pace", {"per_hour": "5"})
    staff.send(f"{place}targets/{targets()[0].id}/restore")
    write(client, "samir@mail.example", did=["email:t1", "email:t2", "email:t3"])
    paces = db.session.execute(select(SendingLimit.name, SendingLimit.per_hour).order_by(SendingLimit.name))
    assert [*paces] == [(CLERK, 5), ("harbor@office.example", 5), (MAYOR, 5)]


def test_a_new_address_takes_the_letters_that_wait_along(place, alice, client, client_of):
    make_target(the_action())
    write(client)
    values = {"version": "1", "name": "City clerk", "email": MAYOR, "ask_id": ""}
    client_of(alice).send(f"{place}targets/{targets()[0].id}", values)
    assert letters(CLERK) == [] and [one.state for one in letters(MAYOR)] == ["queued"]


def test_letters_that_wait_end_where_staff_link_an_ask_that_is_agreed_to(place, alice, client, client_of):
    make_target(the_action())
    ask = factories.make_ask(factories.make_influencer())
    asks.advance(ask, "made", None)
    asks.advance(ask, "agreed", None)
    write(client)
    values = {"version": "1", "name": "City clerk", "email": CLERK, "ask_id": str(ask.id)}
    page = client_of(alice).send(f"{place}targets/{targets()[0].id}", values).text
    assert [one.state for one in letters()] == ["canceled"] and "Has agreed" in page


def test_who_has_left_the_committee_is_not_chosen_by_it(place, alice, client_of):
    member, former = make_member("us-house:MI-5", "Five"), make_member("us-house:MI-6", "Six")
    for one, until in ((member, None), (former, clock.today())):
        db.session.add(CommitteeSeat(influencer_id=one.id, code="HSED", name="Education", until=until))
    db.session.commit()
    client_of(alice).send(f"{place}targets/influencers", {"committee": "HSED"})
    assert [one.influencer_id for one in targets()] == [member.id]


def test_of_whom_another_member_keeps_neither_address_nor_answer_is_told(place, client_of):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    iris = factories.make_influencer("Iris", "Influential", organization_id=north.id, phone="555 010 0100")
    iris.contact.email = "private@mail.example"
    ask = factories.make_ask(iris)
    asks.advance(ask, "made", None)
    make_target(the_action(), "Iris Influential", influencer_id=iris.id, use_email=True)
    client = client_of(factories.make_user("organizer", organization_id=south.id))
    target = targets()[0]
    assert "private@mail.example" not in client.page(f"{place}targets/").text
    assert "use_email" not in client.page(f"{place}targets/{target.id}").text
    target.ask_id = ask.id
    asks.advance(ask, "agreed", None)
    db.session.commit()
    page = client.page(f"{place}targets/").text
    assert "Has agreed" not in page and "Nobody is led there at present" in page


def test_a_viewer_changes_nothing_and_a_stranger_sees_nothing(place, bob, client, client_of):
    make_target(the_action())
    viewer = client_of(bob)
    assert "Take off" not in viewer.page(f"{place}targets/").text
    assert viewer.post(f"{place}targets/{targets()[0].id}/pause").status_code == 403
    assert client.get(f"{place}targets/").status_code == 302
    assert outreach() == []


def test_texts_are_suggested_in_the_visitor_s_language_and_edited_by_staff(place, alice, client, client_of):
    make_target(the_action())
    staff = client_of(alice)
    new = f"{place}letters/texts/new"
    values = {"kind": "letter", "language": "es", "subject": "El autobús 7", "text": "Por favor"}
    assert "El autobús 7" in staff.send(new, values).text
    assert "Write the subject" in staff.send(new, values | {"subject": ""}).text
    assert "El autobús 7" in client.page(f"{PAGE}?lang=es").text
    assert "El autobús 7" not in client.page(f"{PAGE}?lang=en").text


def test_targets_stand_for_an_ask_that_is_planned_or_linked_after_they_were_added(place, client):
    action, iris, noor = the_action(), factories.make_influencer("Iris"), factories.make_influencer("Noor")
    campaign = factories.make_campaign()
    for one in (iris, noor):
        one.contact.email = f"i{one.id}@office.example"
        make_target(action, one.name, influencer_id=one.id, use_email=True)
    write(client)
    action.campaign_id = campaign.id
    db.session.commit()
    asks.plan(iris, {"title": "Vote", "category": "leverage", "campaign_id": campaign.id}, None)
    ask = asks.plan(noor, {"title": "Vote", "category": "leverage"}, None)
    db.session.commit()
    assert [one.ask is None for one in targets()] == [False, True]
    asks.edit(ask, {"campaign_id": campaign.id}, None, 1)
    assert [one.ask is None for one in targets()] == [False, False]
    asks.advance(ask, "made", None)
    asks.advance(ask, "agreed", None)
    db.session.commit()
    assert [one.state for one in letters(noor.contact.email)] == ["canceled"]
    assert ticked(client.page(PAGE).text) == [f"email:i{iris.id}"]


def test_a_letter_by_zip_code_is_not_public_before_any_zip_code_is_known(as_oscar, app):
    action = make_action(whom="zip")
    action.state = "draft"
    db.session.commit()
    place = f"/staff/actions/{action.id}/"
    assert "No table of districts is on record" in as_oscar.page(f"{place}targets/").text
    assert "No table of districts is on record" in as_oscar.send(f"{place}publish").text
    db.session.expire_all()
    assert the_action().state == "draft"
    make_member("us-house:MI-5", "Five", "48104")
    assert "No table of districts" not in as_oscar.page(f"{place}targets/").text
    assert "It is public now" in as_oscar.send(f"{place}publish").text


def test_a_public_letter_is_not_led_by_zip_code_before_any_is_known(as_oscar, place):
    form = as_oscar.page(f"{place}edit").text
    typed = {**hidden(form), "title_en": "Save bus 7", "zone": "America/New_York", "whom": "zip", "chambers": "both"}
    assert "No table of districts is on record" in as_oscar.send(f"{place}edit", typed).text
    db.session.expire_all()
    assert the_action().whom == "list"
    make_member("us-house:MI-5", "Five", "48104")
    as_oscar.send(f"{place}edit", typed)
    db.session.expire_all()
    assert the_action().whom == "zip"
