"""The pages of events for staff: making one, its times, publishing, the table, check-in, files."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock, slugs, sqlite_writing
from crm.events import attendance_lists, attending, importing
from crm.events.models import AttendanceImport, Event
from crm.extensions import db
from tests import factories
from tests.contacts.people import hidden
from tests.events.people import at, letters, make_event, of, register, states

NEW = {
    "title_en": "Licenses, step by step",
    "kind": "webinar",
    "starts": "2027-03-01T18:00",
    "ends": "2027-03-01T19:00",
    "zone": "America/New_York",
    "join_url": "https://meet.example/room",
}
AUTUMN = {"starts": "2027-11-07T01:30", "ends": "2027-11-07T03:00"}


@pytest.fixture
def january():
    with time_machine.travel(at(2027, 1, 10, 12), tick=True):
        yield


def only() -> Event:
    db.session.expire_all()
    return db.session.scalars(select(Event)).one()


def test_an_event_is_written_published_and_seen(january, as_oscar, as_bob, client):
    assert "No events to come" in as_oscar.page("/staff/events/").text
    as_oscar.page("/staff/events/new")
    as_oscar.send("/staff/events/new", NEW | {"description_en": "# Why\n\n<script>x</script> [go](javascript:x)"})
    event = only()
    assert (event.state, event.starts_at, event.slug) == ("draft", at(2027, 3, 1, 23), "licenses-step-by-step")
    assert client.get("/events/licenses-step-by-step").status_code == 404
    assert "Licenses" not in client.page("/events/").text
    as_bob.send(f"/staff/events/{event.id}/publish", status=403)
    as_oscar.send(f"/staff/events/{event.id}/publish")
    page = client.page("/events/licenses-step-by-step").text
    assert "<h2>Why</h2>" in page and "<script>x" not in page and 'href="javascript' not in page
    assert "Licenses" in client.page("/events/").text and "Licenses" in client.page("/").text
    assert "/events/licenses-step-by-step" in client.get("/sitemap.xml").text
    assert "Licenses" in as_bob.page("/staff/calendar/?month=2027-03").text


def test_two_who_give_the_same_title_at_once_are_both_saved(january, as_oscar, monkeypatch):
    make_event(slug="licenses-step-by-step")
    answers = iter([set(), slugs.taken("licenses", Event.slug)])
    monkeypatch.setattr(slugs, "taken", lambda *_: next(answers))  # At first the other is not to be seen yet.
    as_oscar.send("/staff/events/new", NEW)
    assert set(db.session.scalars(select(Event.slug))) == {"licenses-step-by-step", "licenses-step-by-step-2"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title_en": " "}, "Give the title in English."),
        ({"starts": "soon"}, "Give date and time, for example"),
        ({"ends": "2027-03-01T17:00"}, "It cannot end before it begins."),
        ({"starts": "2027-03-14T02:30", "ends": "2027-03-14T04:00"}, "02:30 does not exist on 2027-03-14"),
        (AUTUMN, "01:30 comes twice that day in America/New_York"),
        ({"capacity": "0"}, "Give a number from 1 to 100,000."),
        ({"join_url": "javascript:alert(1)"}, "Give the whole address"),
        ({"join_url": "https://meet.example/a\r\nX-Own: 1"}, "Give the whole address"),
        ({"closes": "2027-03-02T10:00"}, "Registration cannot close after the end"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_as_typed(january, as_oscar, values, message):
    page = as_oscar.send("/staff/events/new", NEW | {"place": "Typed"} | values).text
    assert message in page and 'value="Typed"' in page and db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize(("hour", "starts"), [("first", at(2027, 11, 7, 5, 30)), ("second", at(2027, 11, 7, 6, 30))])
def test_in_the_hour_that_comes_twice_staff_choose_which_is_meant(january, as_oscar, hour, starts):
    assert "The second time, after clocks went back" in as_oscar.send("/staff/events/new", NEW | AUTUMN).text
    as_oscar.send("/staff/events/new", NEW | AUTUMN | {"starts-hour": hour})
    event = only()
    assert (event.starts_at, event.ends_at) == (starts, at(2027, 11, 7, 8))
    page = as_oscar.page(f"/staff/events/{event.id}/edit").text
    assert 'value="2027-11-07T01:30"' in page and f'value="{hour}" checked' in page
    form = {**NEW, **AUTUMN, **hidden(page), "starts-hour": hour, "place": "Library"}
    as_oscar.send(f"/staff/events/{event.id}/edit", form)
    assert (only().starts_at, only().place) == (starts, "Library")


def test_an_event_may_last_from_the_first_of_two_hours_to_the_second(january, as_oscar):
    night = NEW | {"starts": "2027-11-07T01:30", "ends": "2027-11-07T01:15", "closes": "2027-11-07T01:10"}
    as_oscar.send("/staff/events/new", night | {"starts-hour": "first", "ends-hour": "second", "closes-hour": "second"})
    event = only()
    assert (event.starts_at, event.ends_at) == (at(2027, 11, 7, 5, 30), at(2027, 11, 7, 6, 15))
    assert event.closes_at == at(2027, 11, 7, 6, 10)


def test_two_people_at_one_event_do_not_overwrite_each_other(as_oscar, as_alice):
    event = make_event()
    values = NEW | {"starts": "2099-03-01T18:00", "ends": "2099-03-01T19:00", "version": 1}
    as_oscar.send(f"/staff/events/{event.id}/edit", values | {"place": "Library"})
    page = as_alice.send(f"/staff/events/{event.id}/edit", values | {"title_en": "Other"}, status=409).text
    assert "Somebody changed this event" in page and only().title_en == "Licenses, step by step"


def test_moving_an_event_tells_registrants_and_more_places_let_in_who_waits(as_oscar):
    event = make_event(capacity=1, zone="UTC")
    register(event, "a@mail.example"), register(event, "b@mail.example")
    values = {"title_en": "Licenses", "kind": "webinar", "zone": "UTC", "version": 1, "join_url": event.join_url}
    same = {"starts": f"{event.starts_at:%Y-%m-%dT%H:%M}", "ends": f"{event.ends_at:%Y-%m-%dT%H:%M}"}
    page = as_oscar.send(f"/staff/events/{event.id}/edit", values | same | {"capacity": 2}).text
    assert "gets the new time" not in page and states() == ["registered", "registered"] and only().sequence == 0
    later = {"ends": f"{event.ends_at + timedelta(hours=1):%Y-%m-%dT%H:%M}", "version": 2, "capacity": 1}
    assert (
        "2 people have a place already" in as_oscar.send(f"/staff/events/{event.id}/edit", values | same | later).text
    )
    assert (
        "gets the new time"
        in as_oscar.send(f"/staff/events/{event.id}/edit", values | same | later | {"capacity": 2}).text
    )
    assert only().sequence == 1


def test_a_webinar_without_a_way_in_is_not_published_and_a_past_event_not_canceled(as_oscar):
    event = make_event(state="draft", join_url="")
    assert "Give the address of the meeting" in as_oscar.send(f"/staff/events/{event.id}/publish").text
    event.state, event.starts_at = "published", clock.now() - timedelta(hours=3)
    event.ends_at = clock.now() - timedelta(hours=2)
    db.session.commit()
    assert "Only a public event that is not over" in as_oscar.send(f"/staff/events/{event.id}/cancel").text
    assert only().state == "published"


def test_a_draft_can_be_deleted_and_a_public_event_cannot(as_oscar):
    event = make_event()
    assert "Only a draft can be deleted" in as_oscar.send(f"/staff/events/{event.id}/delete").text
    event.state = "draft"
    db.session.commit()
    factories.add(AttendanceImport(event_id=event.id, tool="zoom", file_name="a.csv", rows=[], created_by="oscar"))
    db.session.commit()
    assert "The draft is deleted" in as_oscar.send(f"/staff/events/{event.id}/delete").text
    assert db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize(("capacity", "said"), [(1, "registered of 1 place<"), (2, "registered of 2 places<")])
def test_the_page_of_an_event_tells_how_many_places_are_taken(as_bob, capacity, said):
    event = make_event(capacity=capacity)
    register(event, "there@mail.example")
    assert said in as_bob.page(f"/staff/events/{event.id}").text


def test_nobody_is_told_to_have_missed_what_is_not_over_or_had_no_place_for_them(as_bob):
    event = make_event(capacity=2)
    for address in ("there@mail.example", "away@mail.example", "waits@mail.example"):
        register(event, address)
    attending.attended(of("there@mail.example"), attending.CHECK_IN)
    db.session.commit()
    pages = f"/staff/events/{event.id}"
    before = as_bob.page(f"{pages}/registrants?shown=missed").text
    assert "shown=missed" not in before and "waits@mail.example" in before
    event.starts_at, event.ends_at = (clock.now() - timedelta(hours=one) for one in (2, 1))
    db.session.commit()
    missed = as_bob.page(f"{pages}/registrants?shown=missed").text
    assert "Did not attend 1<" in missed and "away@mail.example" in missed and "waits@mail.example" not in missed


def test_the_follow_up_tells_who_attended_only_once_the_event_is_over(as_oscar):
    event = make_event(capacity=1)
    for address in ("away@mail.example", "waits@mail.example"):
        register(event, address)
    page = as_oscar.page(f"/staff/events/{event.id}/follow-up").text
    assert "2</strong> registered" in page and "</strong> did not" not in page
    event.starts_at, event.ends_at = (clock.now() - timedelta(hours=one) for one in (2, 1))
    db.session.commit()
    page = as_oscar.page(f"/staff/events/{event.id}/follow-up").text
    assert "0</strong> attended" in page and "1</strong> did not" in page and "1</strong> waited for a place" in page


def test_registrants_are_listed_checked_in_and_sent_as_files(as_oscar, as_alice, as_bob):
    event = make_event()
    one = register(event, "=cmd@mail.example", first_name="=1+1", last_name="Adams")
    register(event, "b@mail.example", first_name="Zoë")
    pages = f"/staff/events/{event.id}"
    assert "Adams" in as_bob.page(f"{pages}/registrants?shown=registered&q=adams").text
    assert "Nobody here" in as_bob.page(f"{pages}/registrants?shown=waiting").text
    as_oscar.page(f"{pages}/check-in?q=zo")
    as_oscar.send(f"{pages}/registrants/{one.id}/attended", {"back": "check_in"})
    assert (
        of("=cmd@mail.example").how == "check_in"
        and "1</strong> of 2 are here" in as_oscar.page(f"{pages}/check-in").text
    )
    as_oscar.send(f"{pages}/registrants/{one.id}/attended", {"attended": "no"})
    assert of("=cmd@mail.example").attended_at is None
    as_bob.send(f"{pages}/registrants/{one.id}/attended", status=403)
    assert as_oscar.post(f"{pages}/registrants.csv").status_code == 403
    text = as_alice.post(f"{pages}/registrants.csv").text
    assert "'=1+1" in text and text.count("\n") == 3
    assert as_alice.post(f"{pages}/registrants.xlsx").data[:2] == b"PK"
    as_oscar.send(f"{pages}/registrants/{one.id}/cancel")
    assert states() == ["canceled", "registered"] and "Canceled" in letters("=cmd@mail.example")


ZOOM = """Attendee Report
Report Generated:,"12/01/2026 07:00 PM"
Topic,Webinar ID,Actual Start Time
"Licenses",812 3456 7890,"12/01/2026 05:58 PM"
Host Details
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)
Yes,Alice,alice@bridgeway.example,"12/01/2026 05:58 PM","12/01/2026 07:00 PM",62
Attendee Details
Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Join Time,Time in Session (minutes)
Yes,Amina,Amina,A,A@Mail.Example,"11/20/2026","12/01/2026 06:00 PM",30
Yes,Amina,Amina,A,a@mail.example,"11/20/2026","12/01/2026 06:40 PM",12
No,Bilal,Bilal,B,b@mail.example,"11/20/2026",--,--
"""
TEAMS = (
    "1. Summary\nMeeting title\tLicenses\n\n2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\n"
    "Amina\t12/1/26, 6:00:01 PM\t12/1/26, 6:42:00 PM\t41m 59s\ta@mail.example\ta@mail.example\tAttendee\n"
)
WEBEX = (
    "Name\tAttendee Email\tJoin Time\tLeave Time\tAttendance Duration\tConnection Type\n"
    '="Amina"\t="a@mail.example"\t="2026-12-01 18:00"\t="2026-12-01 18:42"\t="42 mins"\t="Desktop app"\n'
)
GOTO = (
    "Attended;Interest Rating;Last Name;First Name;Email Address;Time in Session\n"
    "Yes;70;A;Amina;a@mail.example;42 minutes\n"
)


@pytest.mark.parametrize(
    ("data", "tool"),
    [
        (ZOOM.encode("utf-8-sig"), "Zoom"),
        (TEAMS.encode("utf-16"), "Microsoft Teams"),
        (WEBEX.encode("utf-16-le"), "Webex"),
        (GOTO.encode("cp1252"), "GoTo Webinar"),
    ],
)
def test_the_list_of_a_webinar_tool_is_looked_at_first_and_noted_once(as_oscar, data, tool):
    event = make_event(days=-1)
    for name in "ab":
        with time_machine.travel(event.starts_at - timedelta(days=1)):
            register(event, f"{name}@mail.example")
    page = as_oscar.send(f"/staff/events/{event.id}/import", {"file": (BytesIO(data), "report.csv")})
    assert f"a report of {tool}" in page.text and "1 will be noted" in page.text and "42 min" in page.text
    assert ("1 did not register" in page.text) == (tool == "Zoom") and of("a@mail.example").attended_at is None
    for _ in range(2):
        as_oscar.send(page.request.path)
    assert (of("a@mail.example").how, of("a@mail.example").attended_at) == ("import", event.starts_at)
    assert of("b@mail.example").attended_at is None
    assert "1 are noted already" in as_oscar.page(page.request.path).text


@pytest.fixture
def uploaded(as_oscar) -> str:
    """The page of a list that names five who registered."""
    event, names = make_event(days=-1), [f"{name}@mail.example" for name in "abcde"]
    for name in names:
        with time_machine.travel(event.starts_at - timedelta(days=1)):
            register(event, name)
    data = "\n".join(["Email", *names]).encode()
    return as_oscar.send(f"/staff/events/{event.id}/import", {"file": (BytesIO(data), "x.csv")}).request.path


def test_a_long_list_is_noted_in_parts_and_goes_on_where_it_broke_off(uploaded, as_oscar, monkeypatch):
    note = attending.attended

    def breaks_off(one, *arguments):
        if one.contact.email == "d@mail.example":
            raise RuntimeError
        return note(one, *arguments)

    monkeypatch.setattr(importing, "NOTED", 2)
    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(attending, "attended", breaks_off)
        as_oscar.send(uploaded)
    db.session.rollback()
    assert [of(f"{name}@mail.example").how for name in "abcde"] == ["import", "import", "", "", ""]
    assert "3 people are noted" in as_oscar.send(uploaded).text
    assert {of(f"{name}@mail.example").how for name in "abcde"} == {"import"}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_whoever_writes_while_a_list_is_read_waits_for_nobody(as_oscar, monkeypatch):
    event, read = make_event(), attendance_lists.read

    def read_slowly(data):
        with db.engine.begin():
            return read(data)

    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    monkeypatch.setattr(attendance_lists, "read", read_slowly)
    page = as_oscar.send(f"/staff/events/{event.id}/import", {"file": (BytesIO(b"Email\na@mail.example\n"), "x.csv")})
    assert "1 did not register" in page.text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04 a workbook", "This is no CSV file"),
        (b"\x00\x01\x02\x03" * 300, "This file holds no text"),
        (b"Name,Age\nAmina,30\n", "No column of e-mail addresses was found"),
        (b"Email\n\nnobody\n@@@\n", "names nobody who attended"),
        (b"", "No column of e-mail addresses"),
        (b'Email,Name\n"unclosed ' + b"x" * 200_000, "cannot be read"),
        (b"Email\n" + b"a@mail.example\n" * 60_000, "over 50,000 rows"),
    ],
)
def test_what_is_no_list_gets_a_clear_answer(as_oscar, data, message):
    event = make_event()
    page = as_oscar.send(f"/staff/events/{event.id}/import", {"file": (BytesIO(data), "x.csv")}, status=422)
    assert message in page.text


@pytest.mark.parametrize("told", ["9" * 400 + "h", "9" * 400 + ":00:00", "1e999", "nan", "-5"])
def test_a_length_of_time_that_is_none_breaks_no_list(told):
    assert list(attendance_lists.read(f"Email,Duration\na@mail.example,{told}\n".encode()).minutes) == [
        "a@mail.example"
    ]
