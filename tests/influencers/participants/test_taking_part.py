"""Several contacts and colleagues take part in one interaction: on all their pages, and edited with nothing lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.changes import Collision, Refused
from crm.contacts.merging import uniting
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import interactions, listing, today
from crm.influencers.models import Interaction
from crm.influencers.participants import editing, people, taking_part
from crm.influencers.snoozes import snoozing
from tests import factories
from tests.questions import asked

DAY = clock.today("America/New_York")


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id)
    db.session.commit()
    return one


@pytest.fixture
def bert(app):
    return factories.make_influencer("Bert", "Brown", stage="engaged")


def log_values(**values):
    given = {"kind": "meeting", "held_on": DAY.isoformat(), "summary": "Spoke", **values}
    return {f"log-{name}": value for name, value in given.items()}


def only():
    return db.session.scalars(select(Interaction)).one()


def edit_values(one, **values):
    given = {"kind": one.kind, "held_on": one.held_on.isoformat(), "summary": one.summary, "next_step": one.next_step}
    given |= {"place": one.place, "version": one.version, **vars(editing.shown(one))}
    return {**given, **values}


def test_a_meeting_with_several_stands_on_each_of_their_pages(as_oscar, ada, bert, alice):
    contact = factories.make_contact("pat@mail.example", first_name="Pat", last_name="Aide")
    typed = f"Bert Brown, {alice.email}\n<pat@mail.example>"
    values = log_values(begins_at="14:30", place="Room 12", participants=typed, kind="event")
    page = as_oscar.send(f"/staff/interactions/with/{ada.id}", values).text
    assert "Logged with Ada Adams." in page
    for address in (f"/staff/influencers/{ada.id}", f"/staff/influencers/{bert.id}"):
        page = as_oscar.page(address).text
        assert "Event" in page and "14:30" in page and "America/New York" in page and "Alice Admin" in page
    assert "Bert Brown" in as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "Event: Spoke" in as_oscar.page(f"/staff/people/{contact.id}").text
    assert "Event: Spoke" in as_oscar.page(f"/staff/people/{bert.contact_id}").text
    page = as_oscar.page(f"/staff/interactions/{only().id}").text
    for words in ("Room 12", "Pat Aide", "Bert Brown", "Alice Admin", "Event with Ada Adams"):
        assert words in page


def test_who_took_part_is_not_stale_and_sorts_by_that_day(as_oscar, ada, bert, oscar):
    assert [one.id for one, _ in today.stale(DAY).shown] == [ada.id, bert.id]
    step = {"next_step": "Write", "next_step_due": DAY}
    interactions.log(ada.contact, "call", DAY, "Spoke", oscar, participants="Brown", **step)
    db.session.commit()
    assert today.stale(DAY).shown == []
    assert today.last_interactions([bert.contact_id, ada.contact_id], DAY) == dict.fromkeys(
        (ada.contact_id, bert.contact_id), DAY
    )
    interactions.log(ada.contact, "call", DAY - timedelta(days=3), "Before", oscar)
    third = factories.make_influencer("Cy", "Cole")
    interactions.log(third.contact, "call", DAY - timedelta(days=1), "Spoke", oscar, participants="Bert Brown")
    db.session.commit()
    found = list(db.session.scalars(listing.find({}, "last", "desc", user=oscar)))
    assert {one.id for one in found[:2]} == {ada.id, bert.id} and found[2].id == third.id
    assert "Cy Cole" in as_oscar.page("/staff/influencers/?sort=last").text


def test_the_list_sorts_by_the_last_interaction_that_it_shows(ada, bert, oscar):
    interactions.log(ada.contact, "call", DAY - timedelta(days=9), "Call", oscar)
    interactions.log(ada.contact, "meeting", DAY + timedelta(days=9), "To come", oscar)
    interactions.log(bert.contact, "call", DAY - timedelta(days=1), "Call", oscar)
    db.session.commit()
    assert list(db.session.scalars(listing.find({}, "last", "desc", user=oscar))) == [bert, ada]


def test_a_profile_is_as_stale_as_the_day_says_however_much_was_logged_since(as_oscar, ada, oscar):
    interactions.log(ada.contact, "call", DAY - timedelta(days=30), "Spoke", oscar, next_step="Send the paper")
    for number in range(101):
        interactions.log(ada.contact, "note", DAY, f"Note {number}", oscar)
    db.session.commit()
    assert today.stale(DAY, user=oscar).count == 0
    page = as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "Send the paper" in page and "no next step" not in page.lower()


def test_an_interaction_ends_the_snoozes_of_all_who_took_part(ada, bert, oscar):
    snoozing.snooze(bert, "On leave", DAY + timedelta(days=9), oscar, DAY)
    interactions.log(ada.contact, "call", DAY, "Spoke", oscar, participants="Bert Brown")
    assert snoozing.present(bert, DAY) is None


def test_who_is_added_later_is_woken_and_nobody_of_whom_that_was_known(ada, bert, oscar):
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar)
    for each in (ada, bert):
        snoozing.snooze(each, "On leave", DAY + timedelta(days=9), oscar, DAY)
    values = {"kind": "call", "held_on": DAY, "summary": "Spoke", "begins_at": None, "place": "", "zone": ""}
    editing.edit(one, {**values, "summary": "Spoke long"}, oscar, 1)
    assert snoozing.present(bert, DAY) and snoozing.present(ada, DAY)
    editing.edit(one, {**values, "participants": "Bert Brown"}, oscar, 2)
    assert snoozing.present(bert, DAY) is None and snoozing.present(ada, DAY)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("Nobody Known", "Nobody on record is “Nobody Known”"),
        ("stranger@mail.example", "Nobody on record is “stranger@mail.example”"),
        ("not@an@address", "Nobody on record"),
        ("#999", "Nobody on record is “#999”"),
        ("Brown", "“Brown” may be several: Bella Brown"),
        ("x, " * 60 + "y", "Name at most 50 people."),
        (", ".join(f"a{n}" for n in range(51)), "Name at most 50 people."),
    ],
)
def test_who_cannot_be_found_is_said_and_what_was_typed_stays(as_oscar, ada, bert, typed, message):
    factories.make_influencer("Bella", "Brown")
    page = as_oscar.send(f"/staff/interactions/with/{ada.id}", log_values(participants=typed), status=422).text
    assert message in page and typed[:20] in page and "Spoke" in page
    assert db.session.scalar(select(Interaction)) is None


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("begins_at", "25:99", "Give the time as hours and minutes"), ("kind", "fax", "Not a valid choice")],
)
def test_a_time_that_is_none_is_refused(as_oscar, ada, field, value, message):
    page = as_oscar.send(f"/staff/interactions/with/{ada.id}", log_values(**{field: value}), status=422).text
    assert message in page and "Spoke" in page


def test_a_name_means_an_influencer_whom_one_sees_or_a_colleague(app, oscar, bert):
    north = factories.make_organization("North", is_member=True)
    sam = factories.make_user("organizer", name="Sam South", organization_id=factories.make_organization().id)
    bert.organization_id = north.id
    db.session.flush()
    with pytest.raises(Refused):
        people.find("Bert Brown", sam)
    assert people.find("bert brown", oscar).contacts == [bert.contact]
    assert people.find(f"Bert #{bert.contact_id}; sam south", sam).users == [sam]


def test_an_address_or_number_that_was_given_up_in_a_merge_means_who_is_left(app, oscar, bert):
    gone = factories.make_contact("old@mail.example", last_name="Brown")
    number = gone.id
    db.session.commit()
    uniting.merge(bert.contact_id, number, (), oscar)
    db.session.commit()
    for typed in ("old@mail.example", f"Brown #{number}", f"old@mail.example, {bert.contact.email}"):
        assert people.find(typed, oscar).contacts == [bert.contact]
    assert people.of_addresses(["old@mail.example"]).contacts == [bert.contact]


def test_what_is_written_is_read_back(app, oscar, bert):
    blank = factories.make_contact(first_name="No", last_name="Address; <x>")
    blank.email = None
    known = people.People([bert.contact, blank], [oscar])
    found = people.find(people.written(known), oscar)
    assert (found.contacts, found.users) == ([bert.contact, blank], [oscar])


def test_an_edit_keeps_what_was_and_rewrites_the_timelines(as_oscar, ada, bert, oscar):
    cole = factories.make_influencer("Cy", "Cole")
    one = interactions.log(ada.contact, "call", DAY, "Wrnog words", oscar, participants="Bert Brown")
    db.session.commit()
    values = edit_values(one, summary="Right words", participants="Cy Cole", place="By phone", kind="meeting")
    page = as_oscar.send(f"/staff/interactions/{one.id}/edit", values).text
    assert "Right words" in page and "Saved." in page and "1 edit" in page
    assert "Wrnog words" in page and "By phone" in page and "Bert Brown" in page
    titles = {
        entry.contact_id: entry.title
        for entry in db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "interaction"))
    }
    assert titles == dict.fromkeys((ada.contact_id, cole.contact_id), "Meeting: Right words")
    assert only().version == 2


def test_an_edit_that_changes_nothing_is_none(ada, oscar):
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar, begins_at=None)
    given = {"kind": "call", "held_on": DAY, "summary": "Spoke", "begins_at": None, "zone": "UTC", "place": ""}
    assert editing.edit(one, {**given, "participants": ""}, oscar, 1) is None
    assert one.version == 1


def test_the_second_of_two_editors_sees_what_the_first_changed_and_loses_nothing(as_alice, ada, bert, oscar, alice):
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar)
    db.session.commit()
    mine = edit_values(one, summary="Mine")
    assert as_alice.send(
        f"/staff/interactions/{one.id}/edit", edit_values(one, participants="Bert Brown", place="Hall")
    )
    page = as_alice.send(f"/staff/interactions/{one.id}/edit", mine, status=409).text
    assert "Alice Admin" in page and "Mine" in page and "bert" in page.lower() and "Hall" in page
    with pytest.raises(Collision):
        editing.edit(
            one,
            {"kind": "call", "held_on": DAY, "summary": "x", "begins_at": None, "zone": "", "place": ""},
            alice,
            1,
        )


def test_a_next_step_that_is_done_is_not_edited(as_oscar, ada, oscar):
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar, next_step="Write")
    interactions.complete(one, oscar)
    db.session.commit()
    assert 'name="next_step"' not in as_oscar.page(f"/staff/interactions/{one.id}/edit").text
    as_oscar.send(f"/staff/interactions/{one.id}/edit", edit_values(one, summary="More", next_step="Other"))
    assert (only().next_step, only().summary) == ("Write", "More") and only().next_step_done_at


def test_who_wrote_it_or_an_admin_of_the_same_staff_edits_it(client_of, ada, alice, oscar):
    north = factories.make_organization("North", is_member=True)
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar)
    other = factories.make_user("organizer")
    foreign = factories.make_user("admin", organization_id=north.id)
    db.session.commit()
    address = f"/staff/interactions/{one.id}/edit"
    for user, status in ((oscar, 200), (alice, 200), (other, 404), (foreign, 404)):
        assert client_of(user).get(address).status_code == status
        assert client_of(user).post(address, data={}).status_code == (404 if status == 404 else 422)
    assert "Edit</a>" not in client_of(other).page(f"/staff/interactions/{one.id}").text


def test_an_edit_that_moves_it_beside_an_approach_of_others_shows_that_first(client_of, ada, oscar):
    nora = factories.make_user("organizer", organization_id=factories.make_organization("North", is_member=True).id)
    far = DAY + timedelta(days=60)
    interactions.log(ada.contact, "meeting", far, "Xyzzy", nora)
    one = interactions.log(ada.contact, "meeting", DAY, "Spoke", oscar)
    db.session.commit()
    browser = client_of(oscar)
    values = edit_values(one, held_on=far.isoformat(), openness="open")
    page = browser.send(f"/staff/interactions/{one.id}/edit", values, status=409).text
    assert "North" in page and "Nothing is saved yet." in page and "Save all the same" in page and "Xyzzy" not in page
    shown = page.partition('name="shown"')[2].partition('value="')[2].partition('"')[0]
    browser.send(f"/staff/interactions/{one.id}/edit", {**values, "shown": shown})
    db.session.refresh(one)
    assert one.held_on == far


def test_approaches_of_others_to_whoever_takes_part_are_shown_before_anything_is_saved(client_of, ada, bert, oscar):
    nora = factories.make_user("organizer", organization_id=factories.make_organization("North", is_member=True).id)
    interactions.log(bert.contact, "meeting", DAY, "Xyzzy", nora)
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar)
    db.session.commit()
    browser = client_of(oscar)
    log, edit = f"/staff/interactions/with/{ada.id}", f"/staff/interactions/{one.id}/edit"
    for url, values in (
        (log, log_values(participants="Bert Brown", openness="open")),
        (edit, edit_values(one, participants="Bert Brown", openness="open")),
    ):
        page = browser.send(url, values, status=409).text
        assert "North: meeting on" in page and "with <bdi>Bert Brown</bdi>" in page and "Xyzzy" not in page
        names = [name for name in ("log-shown", "shown") if f'name="{name}"' in page]
        shown = page.partition(f'name="{names[0]}"')[2].partition('value="')[2].partition('"')[0]
        browser.send(url, {**values, names[0]: shown})
    assert [
        taking_part.contact_ids(talk) for talk in interactions.of(bert.contact_id, oscar) if talk.user_id == oscar.id
    ] == [[ada.contact_id, bert.contact_id]] * 2
    assert browser.post(edit, data=edit_values(one, summary="Typo", openness="open")).status_code == 302


@pytest.fixture
def nora(app):
    north = factories.make_organization("North", is_member=True)
    return factories.make_user("organizer", name="Nora", organization_id=north.id)


@pytest.fixture
def sam(app):
    south = factories.make_organization("South", is_member=True)
    return factories.make_user("admin", name="Sam", organization_id=south.id)


def test_others_learn_who_when_and_how_and_no_influencer_whom_they_do_not_see(client_of, ada, nora, sam):
    quill = factories.make_influencer("Quill", "Xyzzyson", organization_id=nora.organization_id)
    given = {"place": "Xyzzy hall", "participants": f"#{quill.contact_id}, Ada Adams, {sam.email}"}
    one = interactions.log(ada.contact, "meeting", DAY + timedelta(days=3), "Xyzzy", nora, **given)
    turned = interactions.log(quill.contact, "call", DAY, "Xyzzy", nora, participants="Ada Adams")
    db.session.commit()
    browser = client_of(sam)
    for address in (
        f"/staff/influencers/{ada.id}",
        f"/staff/interactions/{one.id}",
        f"/staff/interactions/{turned.id}",
        f"/staff/interactions/{one.id}/calendar.ics",
        f"/staff/people/{ada.contact_id}",
    ):
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert "xyzzy" not in answer.text.lower() and "Quill" not in answer.text, address
    assert "Nora" in browser.page(f"/staff/influencers/{ada.id}").text
    own = client_of(nora).page(f"/staff/interactions/{one.id}").text
    assert "Xyzzyson" in own and "Xyzzy hall" in own


@pytest.mark.parametrize("openness", ["ask", "private"])
def test_what_is_not_open_has_no_page_for_others(client_of, ada, nora, sam, openness):
    one = interactions.log(ada.contact, "meeting", DAY + timedelta(days=3), "Xyzzy", nora, openness=openness)
    db.session.commit()
    for address in (f"/staff/interactions/{one.id}", f"/staff/interactions/{one.id}/calendar.ics"):
        assert client_of(sam).get(address).status_code == 404
        assert client_of(nora).get(address).status_code == 200


def test_an_open_one_with_whom_others_do_not_see_has_no_page_for_them(client_of, nora, sam):
    quill = factories.make_influencer("Quill", "Xyzzyson", organization_id=nora.organization_id)
    one = interactions.log(quill.contact, "meeting", DAY + timedelta(days=3), "Xyzzy", nora)
    db.session.commit()
    assert client_of(sam).get(f"/staff/interactions/{one.id}").status_code == 404


def test_a_page_asks_the_database_as_often_however_many_took_part(as_oscar, ada, bert, oscar):
    def number(address):
        with asked() as questions:
            as_oscar.page(address)
        return len(questions)

    profile = f"/staff/influencers/{ada.id}"
    one = interactions.log(ada.contact, "call", DAY, "Spoke", oscar, participants="Bert Brown")
    db.session.commit()
    number(profile)  # What is asked once a process is asked now.
    before = number(profile)
    for n in range(9):
        interactions.log(bert.contact, "call", DAY, f"Talk {n}", oscar, participants="Ada Adams")
    db.session.commit()
    assert number(profile) == before
    assert number(f"/staff/interactions/{one.id}") <= 15
    assert number(f"/staff/interactions/{one.id}/edit") <= 15


def test_an_edit_tells_nothing_of_approaches_to_whom_another_member_keeps_for_itself_by_now(client_of, ada, nora, sam):
    mine = interactions.log(ada.contact, "call", DAY, "Mine", sam)
    interactions.log(ada.contact, "meeting", DAY + timedelta(days=3), "Xyzzy", nora)
    ada.organization_id = nora.organization_id
    db.session.commit()
    values = {"kind": "call", "held_on": DAY + timedelta(days=2), "summary": "Mine", "version": 1, "zone": "UTC"}
    answer = client_of(sam).post(f"/staff/interactions/{mine.id}/edit", data={**values, "openness": "open"})
    assert answer.status_code == 302 and "North" not in answer.text
    assert client_of(sam).post(f"/staff/interactions/{mine.id}/done").location == "/staff/"
