"""The calendar file of a meeting."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from crm.base import clock
from crm.extensions import db
from crm.influencers import interactions
from tests import factories

DAY = clock.today("America/New_York")


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams; \\ and, Ünlü " + "long " * 20, owner_id=oscar.id)
    db.session.commit()
    return one


def file_of(browser, one):
    answer = browser.get(f"/staff/interactions/{one.id}/calendar.ics")
    assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"].endswith('.ics"')
    return answer.data


def event_of(octets):
    return next(part for part in Calendar.from_ical(octets).walk("VEVENT"))


def test_a_meeting_with_a_time_has_its_zone_and_place(as_oscar, ada, oscar):
    one = interactions.log(
        ada.contact,
        "meeting",
        date(2027, 7, 1),
        "Talk of\nthe bill; and, more",
        oscar,
        begins_at=time(14, 30),
        zone="America/New_York",
        place="Room 12, Capitol; East",
    )
    db.session.commit()
    octets = file_of(as_oscar, one)
    event = event_of(octets)
    assert event["DTSTART"].dt == datetime(2027, 7, 1, 14, 30, tzinfo=ZoneInfo("America/New_York"))
    assert event["DTSTART"].params["TZID"] == "America/New_York" and b"BEGIN:VTIMEZONE" in octets
    assert event["DURATION"].dt == timedelta(hours=1)
    assert str(event["LOCATION"]) == "Room 12, Capitol; East"
    assert str(event["DESCRIPTION"]) == "Talk of\nthe bill; and, more"
    assert str(event["SUMMARY"]).startswith("Meeting: Ada Adams; \\ and, Ünlü long")
    assert (str(event["UID"]), event["SEQUENCE"]) == (f"interaction-{one.id}@crm.example", 1)
    lines = octets.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines) and lines[-1] == b""


def test_an_edit_raises_the_sequence_and_keeps_the_uid(as_oscar, ada, oscar):
    one = interactions.log(ada.contact, "meeting", DAY + timedelta(days=9), "Talk", oscar)
    db.session.commit()
    before = event_of(file_of(as_oscar, one))
    later = (DAY + timedelta(days=10)).isoformat()
    as_oscar.send(
        f"/staff/interactions/{one.id}/edit",
        {"kind": "meeting", "held_on": later, "summary": "Talk", "version": 1},
    )
    after = event_of(file_of(as_oscar, one))
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2) and before["UID"] == after["UID"]
    assert after["DTSTART"].dt == DAY + timedelta(days=10) and after["DTSTAMP"].dt >= before["DTSTAMP"].dt


@pytest.mark.parametrize(
    ("kind", "days", "begins_at", "offered"),
    [
        ("meeting", 1, None, True),
        ("event", -1, time(9), True),
        ("call", 1, None, True),
        ("meeting", -1, None, False),
        ("note", 1, None, False),
        ("email", 1, time(9), False),
    ],
)
def test_what_belongs_into_a_calendar_is_offered(as_oscar, ada, oscar, kind, days, begins_at, offered):
    one = interactions.log(
        ada.contact, kind, DAY + timedelta(days=days), "Talk", oscar, begins_at=begins_at, zone="America/New_York"
    )
    db.session.commit()
    assert ("Calendar file" in as_oscar.page(f"/staff/interactions/{one.id}").text) is offered
    status = as_oscar.get(f"/staff/interactions/{one.id}/calendar.ics").status_code
    assert status == (200 if offered else 404)


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        ("2026-03-07", "09:00", "2026-03-07T14:00"),
        ("2026-03-08", "09:00", "2026-03-08T13:00"),
        ("2026-10-31", "09:00", "2026-10-31T13:00"),
        ("2026-11-01", "09:00", "2026-11-01T14:00"),
    ],
)
def test_a_time_is_that_of_its_place_on_both_sides_of_each_change_of_the_clock(as_oscar, ada, oscar, day, at, utc):
    begins = {"begins_at": time.fromisoformat(at), "zone": "America/New_York"}
    one = interactions.log(ada.contact, "meeting", date.fromisoformat(day), "Spoke", oscar, **begins)
    db.session.commit()
    file = Calendar.from_ical(as_oscar.get(f"/staff/interactions/{one.id}/calendar.ics").data)
    [event] = file.walk("VEVENT")
    assert event["dtstart"].dt.astimezone(UTC).isoformat()[:16] == utc and file.walk("VTIMEZONE")
