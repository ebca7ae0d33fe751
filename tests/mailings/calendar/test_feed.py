"""The secret link: what a calendar program gets by it, and when it gets nothing any more."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import update

from crm.accounts import users
from crm.base import signing
from crm.base.registries import holds
from crm.extensions import db
from crm.influencers import asks, interactions
from crm.influencers.tasks import tracking
from crm.mailings import scheduling
from crm.organizations.models import Coalition
from tests import factories
from tests.corpora import scripting
from tests.mailings.calendar.test_moving import dragged
from tests.mailings.calendar.test_sheet import NOW, scheduled
from tests.mailings.makers import make_mailing, make_people


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOW, tick=True):
        yield


def link_of(browser):
    """Make a link for whoever is logged in, and return its path."""
    page = browser.send("/staff/calendar/link/new").text
    return page.partition('id="feed-all">http://crm.example')[2].partition("<")[0]


def events(browser, link):
    """Fetch the calendar, and return its events by UID."""
    answer = browser.get(link)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/calendar; charset=utf-8"
    return {str(event["UID"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_the_calendar_is_called_by_the_name_of_the_coalition_on_one_line(as_alice, client):
    link = link_of(as_alice)
    db.session.execute(update(Coalition).values(name="Bridge\r\nway\rCoalition"))
    db.session.commit()
    assert Calendar.from_ical(client.get(link).data)["X-WR-CALNAME"].startswith("Bridge way Coalition")


def test_mailings_asks_tasks_and_meetings_come_with_their_times(as_alice, alice, client):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00", subject="Write now", kind="call_to_action")
    ada = factories.make_influencer("Ada", "Adams")
    ask = factories.make_ask(ada, alice, title="Speak in spring", due_on=date(2026, 11, 20), owner_id=alice.id)
    to_do = {"title": "Send the paper", "due_on": date(2026, 11, 21), "assignee_id": alice.id}
    task = tracking.make(ada, to_do, alice)
    met = {"begins_at": time(10), "zone": "America/Chicago"}
    talk = interactions.log(ada.contact, "meeting", date(2026, 11, 25), "Lunch", alice, **met)
    db.session.commit()
    found = events(client, link_of(as_alice))
    one = found[f"mailing-{mailing.id}@crm.example"]
    assert one["SUMMARY"] == "Write now"
    assert one["DTSTART"].dt == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert (one["STATUS"], one["SEQUENCE"]) == ("CONFIRMED", 2)
    assert "Call to action, scheduled" in one["DESCRIPTION"]
    assert one["URL"] == f"http://crm.example/staff/mailings/{mailing.id}"
    assert found[f"ask-{ask.id}@crm.example"]["DTSTART"].dt == date(2026, 11, 20)
    assert found[f"task-{task.id}@crm.example"]["SUMMARY"] == "Send the paper"
    assert found[f"interaction-{talk.id}@crm.example"]["DTSTART"].dt == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_a_move_keeps_the_uid_and_raises_the_sequence(as_alice, client):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00")
    link, uid = link_of(as_alice), f"mailing-{mailing.id}@crm.example"
    before = events(client, link)[uid]
    dragged(as_alice, mailing, "2026-11-26", "scheduled-2")
    after = events(client, link)[uid]
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=2)
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_what_was_canceled_or_taken_back_is_marked_so(as_alice, alice, client):
    make_people(1)
    canceled, back = scheduled("2026-11-24T09:00", subject="Never mind"), scheduled("2026-11-25T09:00")
    scheduling.cancel(canceled)
    scheduling.take_back(back)
    ask = factories.make_ask(None, alice, due_on=date(2026, 11, 20))
    asks.advance(ask, "lapsed", alice)
    draft = make_mailing()
    db.session.commit()
    dragged(as_alice, draft, "2026-11-27", "draft-0")
    found = events(client, link_of(as_alice))
    assert found[f"mailing-{canceled.id}@crm.example"]["STATUS"] == "CANCELLED"
    assert found[f"mailing-{canceled.id}@crm.example"]["SUMMARY"] == "Canceled: Never mind"
    assert found[f"mailing-{back.id}@crm.example"]["STATUS"] == "CANCELLED"
    assert found[f"ask-{ask.id}@crm.example"]["STATUS"] == "CANCELLED"
    assert found[f"mailing-{draft.id}@crm.example"]["STATUS"] == "TENTATIVE"


def test_it_shows_only_what_the_user_may_see_now(client_of, client, oscar):
    north, south = (factories.make_organization(name, is_member=True, via=name) for name in ("North", "South"))
    nora, sam = (factories.make_user("organizer", organization_id=home.id) for home in (north, south))
    ask = factories.make_ask(None, nora, title="Secret grant", category="resources", due_on=date(2026, 11, 20))
    db.session.commit()
    links = {user.id: link_of(client_of(user)) for user in (nora, sam, oscar)}
    uid = f"ask-{ask.id}@crm.example"
    assert uid in events(client, links[nora.id])
    assert uid not in events(client, links[sam.id])
    assert uid not in events(client, links[oscar.id])
    nora.organization_id = south.id
    db.session.commit()
    assert uid not in events(client, links[nora.id])


def test_only_what_is_ones_own_can_be_had(as_alice, alice, oscar, client):
    make_people(1)
    scheduled("2026-11-24T09:00", subject="By Alice")
    scheduled("2026-11-24T09:00", subject="By Oscar").created_by = oscar.email
    db.session.commit()
    link = link_of(as_alice)
    assert {str(one["SUMMARY"]) for one in events(client, link).values()} == {"By Alice", "By Oscar"}
    assert {str(one["SUMMARY"]) for one in events(client, f"{link}?whose=mine").values()} == {"By Alice"}


def test_it_is_private_and_is_not_sent_twice(as_alice, client):
    link = link_of(as_alice)
    answer = client.get(link)
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    again = client.get(link, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_stranger_with_an_old_link_gets_nothing(as_alice, client):
    old = link_of(as_alice)
    new = link_of(as_alice)
    assert old != new
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    assert "has ended" in as_alice.send("/staff/calendar/link/end").text
    assert client.get(new).status_code == 410
    assert "Make a link" in as_alice.page("/staff/calendar/link").text
    assert link_of(as_alice) not in (old, new)


def test_it_ends_when_the_account_is_closed(as_oscar, oscar, alice, client):
    link = link_of(as_oscar)
    users.close(oscar, by=alice)
    db.session.commit()
    assert client.get(link).status_code == 410


def test_a_restored_copy_ends_every_link(as_alice, client):
    link = link_of(as_alice)
    assert holds["calendar"].hold(NOW) == 1
    db.session.commit()
    assert client.get(link).status_code == 410
    later = link_of(as_alice)
    assert later != link
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("token", ["x", "a.b", "7.7", "..", "%00", "é.é", "MQ.MQ" * 50])
def test_what_is_no_link_of_ours_is_not_found(client, token):
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_token_for_another_purpose_or_user_is_none(client, as_alice, alice):
    link_of(as_alice)
    for token in (signing.sign("click", f"{alice.id}.1"), signing.sign("calendar_feed", "999.1")):
        assert client.get(f"/calendar/{token}.ics").status_code in (404, 410)


@pytest.mark.usefixtures("one_hour")
def test_too_many_calls_are_put_off(as_alice, client, monkeypatch):
    monkeypatch.setattr("crm.mailings.calendar.public.MOST_A_HOUR", 3)
    link = link_of(as_alice)
    assert [client.get(link).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert client.get(link).headers["Retry-After"] == "3600"
    assert [client.get("/calendar/x.ics").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_hostile_titles_begin_no_line_of_the_file(as_alice, alice, client):
    signs = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\\n", ",;:\\"]
    titles = [f"Harmless{sign}BEGIN:VALARM{sign}END:VEVENT" for sign in signs] + list(scripting.OTHERS[:10])
    ada = factories.make_influencer("Ada\r\nATTENDEE:x", "Adams")
    for title in titles:
        if title.strip():
            factories.make_ask(ada, alice, title=title[:190], due_on=date(2026, 11, 20))
    db.session.commit()
    link = link_of(as_alice)
    assert len(events(client, link)) == len([title for title in titles if title.strip()])
    lines = client.get(link).data.decode().replace("\r\n ", "").splitlines()
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT")
    assert not [line for line in lines if line.startswith(("BEGIN:VALARM", "ATTENDEE"))]


def test_who_may_not_see_mailings_gets_no_calendar(app, client):
    assert client.get("/staff/calendar/link").status_code == 302
