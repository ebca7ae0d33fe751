"""Technical assistance: asked for in public, counted once the address is proven, seen to by staff."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.assistance import handling, requesting
from crm.assistance.models import AssistanceRequest
from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts.forgetting import forgetting
from crm.extensions import db
from tests import factories
from tests.contacts.people import confirm_path, hidden, mails

WORDS = "We want to hire nurses who trained elsewhere."


def asked(client, **values):
    page = client.page("/assistance")
    data = {**hidden(page.text), "email": "amina@mail.example", "subject": "hiring", "text": WORDS, **values}
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        return client.post("/assistance", data=data)


def kept() -> list[AssistanceRequest]:
    db.session.expire_all()
    return list(db.session.scalars(select(AssistanceRequest)))


def make_request(**values) -> AssistanceRequest:
    defaults = {"subject": "hiring", "text": WORDS, "language": "en", "asked_at": clock.now(), "version": 1}
    row = factories.add(AssistanceRequest(contact=factories.make_contact(), **{**defaults, **values}))
    db.session.commit()
    return row


def test_a_request_counts_once_when_the_address_is_proven(client, oscar):
    answer = asked(client, organization_name="Mercy Valley Hospital")
    assert answer.status_code == 303 and kept() == []
    assert WORDS not in str(mails())
    path = confirm_path()
    assert "Technical assistance" in client.page(path).text
    done = client.send(path)
    assert "Your request is here" in done.text
    client.post(path)
    [row] = kept()
    assert (row.subject, row.text, row.organization_name) == ("hiring", WORDS, "Mercy Valley Hospital")
    assert row.state == "open" and row.due_on is not None
    assert handling.waiting(oscar) == 1


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_form_without_a_need_keeps_what_was_typed(client):
    answer = asked(client, text="", organization_name="Mercy Valley Hospital")
    assert answer.status_code == 422
    assert "Say in a few sentences" in answer.text and "Mercy Valley Hospital" in answer.text
    assert client.page("/assistance/done/nonsense", status=404)


def test_staff_see_to_a_request_and_close_it_with_what_came_of_it(as_oscar, oscar):
    row, member = make_request(), factories.make_organization("Harbor House", is_member=True, via="harbor")
    db.session.commit()
    address = f"/staff/assistance/{row.id}"
    assert "Nobody yet" in as_oscar.page("/staff/assistance/").text and WORDS in as_oscar.page(address).text
    values = {"owner_id": oscar.id, "state": "referred", "member_id": "", "due_on": "2026-12-04", "version": "1"}
    assert "Choose the member" in as_oscar.send(address, values).text
    as_oscar.send(address, values | {"member_id": member.id})
    assert "Harbor House" in as_oscar.page("/staff/assistance/?mine=1").text
    closing = values | {"member_id": member.id, "state": "closed", "version": "2"}
    assert "Say what came of it" in as_oscar.send(address, closing).text
    as_oscar.send(address, closing | {"outcome": "Two nurses were hired."})
    assert "No requests here" in as_oscar.page("/staff/assistance/").text
    assert "Harbor House" in as_oscar.page("/staff/assistance/?state=closed").text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_request_of_who_left_and_a_member_that_left_is_still_saved(as_alice, oscar):
    member = factories.make_organization("Harbor House", is_member=False)
    row = make_request(owner_id=oscar.id, member_id=member.id, state="referred")
    oscar.active = False
    db.session.commit()
    page = as_alice.page(f"/staff/assistance/{row.id}").text
    assert f'<option selected value="{member.id}">Harbor House' in page
    values = {"owner_id": oscar.id, "state": "closed", "member_id": member.id, "due_on": "", "version": "1"}
    as_alice.send(f"/staff/assistance/{row.id}", values | {"outcome": "Two nurses were hired."})
    assert (kept()[0].state, kept()[0].owner_id, kept()[0].member_id) == ("closed", oscar.id, member.id)


def test_what_is_overdue_stands_in_today_and_goes_over_to_a_colleague(as_oscar, oscar, alice):
    today = clock.today(oscar.zone)
    late, later = make_request(due_on=today - timedelta(days=1), owner_id=oscar.id), make_request(due_on=today)
    assert [one.id for one in handling.overdue(today, 5, oscar)[0]] == [late.id]
    page = as_oscar.page("/staff/").text
    assert "Overdue requests for assistance" in page and f"/staff/assistance/{late.id}" in page
    assert f"/staff/assistance/{later.id}" not in page
    assert handling.in_hand(oscar) == 1
    assert handling.hand_over(oscar, alice, alice) == 1
    assert (handling.in_hand(oscar), handling.in_hand(alice)) == (0, 1)


def test_staff_of_a_member_read_only_what_it_was_asked_to_help_with(client_of, as_oscar):
    harbor, north = (factories.make_organization(name, is_member=True) for name in ("Harbor House", "North Clinic"))
    hanna, nora = (factories.make_user("organizer", organization_id=one.id) for one in (harbor, north))
    late = {"due_on": clock.today() - timedelta(days=3)}
    asked_of = {"unclaimed": {}, "member": {"member_id": harbor.id}, "owner": {"owner_id": hanna.id}}
    urls = {name: f"/staff/assistance/{make_request(**late, **values).id}" for name, values in asked_of.items()}
    for user, seen in ((hanna, {"member", "owner"}), (nora, set())):
        browser = client_of(user)
        for place in ("/staff/assistance/", "/staff/"):
            page = browser.page(place).text
            assert {name for name, url in urls.items() if url in page} == seen
        for name, url in urls.items():
            browser.page(url, status=200 if name in seen else 404)
        assert handling.waiting(user) == ("member" in seen)
    page = as_oscar.page("/staff/assistance/").text
    assert all(url in page for url in urls.values())


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_day_of_a_new_request_is_a_week_away(client):
    asked(client)
    client.send(confirm_path())
    assert kept()[0].due_on == clock.today("America/New_York") + requesting.ANSWERED_WITHIN


def test_who_is_forgotten_leaves_no_word_of_what_came_of_it(as_oscar, oscar):
    row = make_request()
    typed = {"owner_id": oscar.id, "state": "closed", "due_on": "", "member_id": "", "version": "1"}
    as_oscar.send(f"/staff/assistance/{row.id}", typed | {"outcome": "Amina was led to Harbor House."})
    forgetting.forget(row.contact, "own")
    db.session.commit()
    assert kept() == []
    assert "Harbor House" not in str([entry.changes for entry in db.session.scalars(select(AuditEntry))])


def test_a_mistyped_address_leads_back_to_the_request(client):
    answer = asked(client)
    assert 'href="/assistance"' in client.page(answer.location).text.partition("mistyped")[2].partition("</li>")[0]
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        again = client.send(confirm_path(), status=410).text
        assert "Send me a new link" in again
        answer = client.post(f"{confirm_path()}/again")
        assert 'href="/assistance"' in client.page(answer.location).text.partition("mistyped")[2].partition("</li>")[0]
