"""Pages of offices: list, office, editing, holders, and who works there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices import holdings
from crm.influencers.offices.models import Holding, Office, OfficeContact
from tests import factories

URL = "/staff/influencers/offices/"
DAY = clock.today("America/New_York")  # As the users of the tests have it.


def days(number):
    return DAY + timedelta(days=number)


@pytest.fixture
def ada(app):
    one = factories.make_influencer("Ada", "Adams")
    db.session.commit()
    return one


@pytest.fixture
def ben(app):
    one = factories.make_influencer("Ben", "Brook")
    db.session.commit()
    return one


@pytest.fixture
def office(ada, oscar):
    made = factories.add(Office(title="Director, State Workforce Agency", body="Agency", state="MI", imported_facts={}))
    holdings.begin(made, ada, oscar, since=days(-400), term_ends_on=days(30))
    db.session.commit()
    return made


def holding(influencer):
    return db.session.scalars(select(Holding).where(Holding.influencer_id == influencer.id)).one()


def office_fields(**changes):
    names = ("title", "body", "state", "district", "address", "phone", "website", "web_form")
    return {**dict.fromkeys(names, ""), **changes}


def new_holder(office, name, shown, **changes):
    values = {"who": name, "since": DAY.isoformat(), "ended": "succeeded", "shown": ",".join(map(str, shown))}
    return f"{URL}{office.id}/holder", {**values, **changes}


def test_an_office_is_added_and_edited_by_organizers_alone(as_oscar, as_bob):
    assert "No offices yet" in as_oscar.page(URL).text
    assert "Add an office" not in as_bob.page(URL).text
    page = as_oscar.send(f"{URL}new", office_fields(title="Chair of the Education Committee", state="mi", website="x"))
    assert "beginning with https://" in page.text
    as_oscar.send(f"{URL}new", office_fields(title="Chair of the Education Committee", state="mi"))
    made = db.session.scalars(select(Office)).one()
    assert (made.title, made.state, made.version) == ("Chair of the Education Committee", "MI", 1)
    page = as_oscar.send(f"{URL}new", office_fields(title="chair of the education committee", state="MI")).text
    assert "There is an office of that name in that state already." in page
    as_oscar.send(f"{URL}{made.id}/edit", office_fields(title="Chair", version=1, phone="555"))
    assert (db.session.get(Office, made.id).phone, db.session.get(Office, made.id).version) == ("555", 2)


def test_who_saves_an_office_second_is_shown_what_the_other_changed(as_oscar, office):
    first = office_fields(title=office.title, state="MI", version=1, phone="555")
    as_oscar.send(f"{URL}{office.id}/edit", first)
    second = office_fields(title=office.title, state="MI", version=1, address="Room 5")
    page = as_oscar.send(f"{URL}{office.id}/edit", second, status=409).text
    assert "Somebody changed this office" in page and "555" in page and "Room 5" in page
    assert db.session.get(Office, office.id).address == ""


def test_the_list_finds_by_office_and_holder_and_says_which_terms_end(as_oscar, office):
    factories.add(Office(title="Board of Nursing", imported_facts={}))
    db.session.commit()
    page = as_oscar.page(URL).text
    assert "Ada Adams" in page and "Nobody on record" in page and "1 term ends within 60 days" in page
    assert "Board of Nursing" not in as_oscar.page(f"{URL}?q=adams").text
    assert "Board of Nursing" not in as_oscar.page(f"{URL}?show=held&state=MI").text
    assert "Ada Adams" not in as_oscar.page(f"{URL}?show=vacant").text
    assert "No office matches" in as_oscar.page(f"{URL}?q=nobody&show=ending&page=9").text


@pytest.mark.parametrize(
    ("ends", "says"),
    [(61, ""), (60, "ends on"), (0, "ends on"), (-1, "ended on"), (-60, "ended on"), (-400, "ended on")],
)
def test_the_profile_and_the_list_warn_before_and_after_the_end_of_a_term(as_oscar, ada, office, ends, says):
    holding(ada).term_ends_on = days(ends)
    db.session.commit()
    page = as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert (f"Agency {says}" in page) == bool(says) and ("Import a later file" in page) == bool(says)
    assert office.title in page
    assert ("Import a later file" in as_oscar.page(URL).text) == bool(says)


def test_a_new_holder_takes_over_the_office_and_not_the_history(as_oscar, office, ada, ben, oscar):
    ask = factories.make_ask(ada, oscar, title="Fund the bridge")
    url, values = new_holder(office, "brook", [holding(ada).id], ended="resigned")
    page = as_oscar.send(url, values).text
    assert "Ben Brook holds Director, State Workforce Agency now. Open asks to who held it before: 1." in page
    assert "Fund the bridge" in page and "resigned" in page
    before, now = holding(ada), holding(ben)
    assert (before.until, before.ended, now.since, now.until) == (DAY, "resigned", DAY, None)
    assert ask.influencer_id == ada.id
    assert (db.session.get(Influencer, ada.id).former_since, db.session.get(Influencer, ben.id).former_since) == (
        DAY,
        None,
    )
    assert "Former: Director" in as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "Office ended on" in as_oscar.page(f"/staff/people/{ada.contact_id}").text


def test_what_cannot_stand_keeps_what_was_typed(as_oscar, office, ada, ben):
    cases = [
        ({"who": "Nobody Known"}, "No influencer has this name."),
        ({"who": "Ada"}, "Ada Adams holds this office already."),
        ({"since": days(3).isoformat()}, "Choose a day that has come"),
        ({"since": days(-500).isoformat()}, "Ada Adams began later."),
        ({"term_ends_on": days(-3).isoformat()}, "The term cannot end before it began."),
        ({"since": "soon"}, "Give the date as year, month and day"),
    ]
    for changes, message in cases:
        url, values = new_holder(office, "Ben", [holding(ada).id], **changes)
        answer = as_oscar.post(url, data=values)
        assert message in answer.text and values["who"] in answer.text
    assert holding(ada).until is None


def test_of_several_of_that_name_one_is_chosen(as_oscar, office, ada, ben):
    other = factories.make_influencer("Bea", "Brook")
    url, values = new_holder(office, "brook", [holding(ada).id])
    page = as_oscar.send(url, values, status=422).text
    assert "Several influencers have this name." in page and "Bea Brook" in page
    as_oscar.send(url, {**values, "which": str(other.id)})
    assert holding(other).until is None


def test_of_two_who_name_a_new_holder_the_second_is_told(as_oscar, office, ada, ben):
    cleo = factories.make_influencer("Cleo", "Cole")
    shown = [holding(ada).id]
    as_oscar.send(*new_holder(office, "Ben", shown))
    page = as_oscar.send(*new_holder(office, "Cleo", shown), status=409).text
    assert "Somebody changed this office meanwhile: Ben Brook holds it now." in page and 'value="Cleo"' in page
    as_oscar.send(*new_holder(office, "Cleo", [holding(ben).id]))
    assert holding(ben).until == DAY and holding(cleo).until is None


def test_an_office_of_several_ends_nobody(as_oscar, office, ada, ben):
    office.several = True
    as_oscar.send(*new_holder(office, "Ben", [holding(ada).id]))
    assert holding(ada).until is None and holding(ben).until is None


def test_the_days_of_a_holder_are_mended_and_ended(as_oscar, office, ada):
    one = holding(ada)
    url, values = (
        f"{URL}holders/{one.id}",
        {"since": days(-400).isoformat(), "term_ends_on": "", "ended": "", "until": ""},
    )
    cases = [
        ({"until": DAY.isoformat()}, "Say how it ended."),
        ({"ended": "died"}, "Give the day on which it ended"),
        ({"until": days(-500).isoformat(), "ended": "died"}, "It cannot end before it began."),
        ({"until": days(1).isoformat(), "ended": "died"}, "Choose a day that has come"),
    ]
    for changes, message in cases:
        assert message in as_oscar.send(url, {**values, "version": 1, **changes}).text
    as_oscar.send(url, {**values, "version": 1, "until": DAY.isoformat(), "ended": "died"})
    assert db.session.get(Influencer, ada.id).former_since == DAY
    as_oscar.send(url, {**values, "version": 1}, status=409)
    as_oscar.send(url, {**values, "version": holding(ada).version})
    assert (holding(ada).until, db.session.get(Influencer, ada.id).former_since) == (None, None)


def test_the_staff_stay_with_the_office_unless_they_leave_with_the_holder(as_oscar, office, ada, ben):
    contact = {"first_name": "Sky", "last_name": "Scheduler", "email": "sky@mail.example", "role": "scheduler"}
    as_oscar.send(f"{URL}{office.id}/contacts/new", {**contact, "note": "Mornings"})
    as_oscar.send(f"{URL}{office.id}/contacts/new", {"last_name": "Aide", "role": "legislative_aide", "phone": "555"})
    assert "already" in as_oscar.send(f"{URL}{office.id}/contacts/new", contact).text
    assert "Give the last name." in as_oscar.send(f"{URL}{office.id}/contacts/new", {"role": "press"}).text
    sky, aide = db.session.scalars(select(OfficeContact).order_by(OfficeContact.id))
    assert sky.contact.subscriptions == []
    page = as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "Sky Scheduler" in page and "legislative aide" in page and "555" in page
    as_oscar.send(*new_holder(office, "Ben", [holding(ada).id], leaving=[aide.id]))
    assert [db.session.get(OfficeContact, one.id).until for one in (sky, aide)] == [None, DAY]
    assert "Sky Scheduler" not in as_oscar.page(f"/staff/influencers/{ada.id}").text
    page = as_oscar.page(f"/staff/influencers/{ben.id}").text
    assert "Sky Scheduler" in page and "Aide" not in page
    page = as_oscar.page(f"{URL}{office.id}").text
    assert "Mornings" in page and "1 who worked there before" in page
    assert "Scheduler: Director, State Workforce Agency" in as_oscar.page(f"/staff/people/{sky.contact_id}").text
    edit = {"role": "press", "phone": "1", "note": "", "version": sky.version}
    as_oscar.send(f"{URL}contacts/{sky.id}", edit)
    as_oscar.send(f"{URL}contacts/{sky.id}", {**edit, "phone": "2"}, status=409)
    assert "works there no more" in as_oscar.send(f"{URL}contacts/{sky.id}/leave").text
    assert "had left already" in as_oscar.send(f"{URL}contacts/{sky.id}/leave").text
    assert db.session.scalar(select(Contact.id).where(Contact.email == "sky@mail.example"))


def test_nobody_learns_of_a_holder_whom_another_member_keeps(client_of, as_oscar, office, ada, ben, oscar):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    nora, sam = (factories.make_user("organizer", organization_id=home.id) for home in (north, south))
    ada.organization_id = north.id
    factories.make_ask(ada, nora, title="Fund the bridge")
    db.session.commit()
    one = holding(ada)
    for page in (
        URL,
        f"{URL}?q=adams",
        f"{URL}?show=held",
        f"{URL}{office.id}",
        f"{URL}{office.id}/holder",
        f"{URL}asks/",
    ):
        assert "Adams" not in client_of(sam).page(page).text, page
        assert "within 60 days" not in client_of(sam).page(page).text, page
    assert "Adams" in client_of(nora).page(URL).text and "Adams" in as_oscar.page(f"{URL}{office.id}").text
    client_of(sam).page(f"{URL}holders/{one.id}", status=404)
    assert "No influencer has this name." in client_of(sam).send(*new_holder(office, "Adams", []), status=422).text
    # Sam names a holder for those who do not see Ada; she goes on for those who do.
    client_of(sam).send(*new_holder(office, "Ben", []))
    assert holding(ada).until is None and holding(ben).until is None
    assert "Adams" not in client_of(sam).page(f"{URL}{office.id}").text
    holdings.end(holding(ada), DAY, "other", None)
    db.session.commit()
    for page in (f"{URL}{office.id}", f"{URL}asks/", f"/staff/people/{ada.contact_id}"):
        text = client_of(sam).page(page).text
        assert "Fund the bridge" not in text and "Office ended" not in text and "Who held it before" not in text
    assert "Fund the bridge" in client_of(nora).page(f"{URL}asks/").text
