"""Mail by the clock: reminders, changes, cancellations and follow-ups reach each registrant once."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock
from crm.delivery import letters as delivery_letters
from crm.events import attending, following_up, holding, writing
from crm.events import letters as mail
from crm.extensions import db
from tests.events.people import entry, letters, make_event, of, register
from tests.events.test_registering import of_mail


def tick():
    for job in (writing.remind, writing.tell_changes, writing.follow_up):
        job()
        job()


def test_reminders_go_once_at_their_time_and_none_to_who_registered_after_it(app):
    event = make_event(days=3)
    register(event, "a@mail.example")
    tick()
    assert "Reminder" not in letters()
    with time_machine.travel(event.starts_at - timedelta(hours=23)):
        register(event, "late@mail.example")
        tick()
        assert (letters("a@mail.example").count("Reminder"), letters("late@mail.example").count("Reminder")) == (1, 0)
    with time_machine.travel(event.starts_at - timedelta(minutes=59)):
        tick()
    with time_machine.travel(event.starts_at + timedelta(minutes=1)):
        tick()
    assert (letters("a@mail.example").count("Reminder"), letters("late@mail.example").count("Reminder")) == (2, 1)


def test_one_reminder_is_enough_where_several_are_due_and_none_goes_to_who_waits_or_canceled(app):
    event = make_event(days=3, capacity=2)
    people = [register(event, f"{name}@mail.example") for name in "abc"]
    attending.leave(people[0])  # c moves up.
    register(event, "d@mail.example")
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        tick()
    counts = [letters(f"{name}@mail.example").count("Reminder") for name in "abcd"]
    assert counts == [0, 1, 1, 0]


def test_a_moved_event_brings_the_new_time_into_calendars_and_reminds_anew(app):
    event = make_event(days=2)
    register(event, "a@mail.example")
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        tick()
    move(event, timedelta(days=7))
    tick()
    assert letters("a@mail.example") == ["You are registered", "Reminder", "New time or place"]
    told = entry(of_mail("calendar"))
    assert (told.method, int(told["SEQUENCE"]), told.start) == ("REQUEST", 1, event.starts_at)
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        tick()
    assert letters("a@mail.example").count("Reminder") == 2


def test_who_waits_for_a_place_is_told_of_a_move_too_and_keeps_waiting(app, deliver):
    event = make_event(days=2, capacity=1)
    register(event, "a@mail.example")
    register(event, "waits@mail.example")
    move(event, timedelta(days=7))
    tick()
    assert letters("waits@mail.example") == ["You are on the waiting list", "New time or place"]
    first, mail = [one for one in deliver() if one.recipient == "waits@mail.example"]
    assert "how to give it up" in first.text and "calendar" not in first.text + first.html
    assert "As soon as one is yours" in mail.text and "Join online" not in mail.text and "calendar" not in mail.text
    assert "how to give it up" in mail.text


def test_an_event_that_is_canceled_is_canceled_once_whatever_is_corrected_afterwards(app):
    event = make_event(days=2)
    register(event, "a@mail.example")
    holding.cancel(event)
    db.session.commit()
    tick()
    move(event, timedelta(days=1))
    tick()
    assert letters("a@mail.example") == ["You are registered", "Canceled"]


def move(event, by):
    values = {name: getattr(event, name) for name in ("zone", "place", "address", "capacity", "closes_at", "title_en")}
    values |= {"starts_at": event.starts_at + by, "ends_at": event.ends_at + by}
    holding.save(event, values, event.version)
    db.session.commit()


def test_a_canceled_event_is_told_to_all_leaves_calendars_and_reminds_nobody(app):
    event = make_event(days=2, capacity=1)
    register(event, "a@mail.example")
    register(event, "b@mail.example")
    before = entry(of_mail("calendar"))
    holding.cancel(event)
    db.session.commit()
    tick()
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        tick()
    assert letters("a@mail.example") == ["You are registered", "Canceled"]
    assert letters("b@mail.example") == ["You are on the waiting list", "Canceled"]
    after = entry(of_mail("calendar"))
    assert after.method == "CANCEL" and after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]


def test_reminders_stop_where_the_event_is_canceled_while_they_are_written(app, monkeypatch):
    event = make_event(days=2)
    for name in ("a", "b", "c"):
        register(event, f"{name}@mail.example")
    monkeypatch.setattr(writing, "BATCH", 1)
    write = mail.reminder

    def canceled_by_somebody(attendance, name):
        write(attendance, name=name)
        holding.cancel(event)

    monkeypatch.setattr(mail, "reminder", canceled_by_somebody)
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        writing.remind()
    assert letters().count("Reminder") == 1


def test_nobody_is_reminded_whose_event_was_moved_after_somebody_looked(app):
    event = make_event(days=2)
    one = register(event, "a@mail.example")
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        due = writing._due(event, clock.now())
        move(event, timedelta(days=7))
        writing._remind(one, due)
        db.session.commit()
    assert "Reminder" not in letters()


def test_the_follow_up_says_one_thing_to_who_attended_and_another_to_who_did_not(app, deliver):
    event = make_event(days=1)
    register(event, "there@mail.example")
    register(event, "away@mail.example", language="es")
    attending.attended(of("there@mail.example"), attending.CHECK_IN)
    texts = {
        "attended_en": "You **asked** well.",
        "missed_en": "Next time!",
        "recording_url": "https://video.example/1",
    }
    following_up.save(event, texts, event.version)
    with pytest.raises(following_up.Refused, match="once the event is over"):
        following_up.send(event)
    db.session.commit()
    deliver()
    with time_machine.travel(event.ends_at + timedelta(hours=1), tick=True):
        following_up.send(event)
        with pytest.raises(following_up.Refused, match="sent already"):
            following_up.send(event)
        db.session.commit()
        tick()
        mails = {mail.recipient: mail for mail in deliver()}
    assert (
        "<strong>asked</strong>" in mails["there@mail.example"].html and "Next time" in mails["away@mail.example"].html
    )
    assert mails["away@mail.example"].subject == "La grabación: Licencias paso a paso"
    assert (
        'lang="en"' in mails["away@mail.example"].html and "https://video.example/1" in mails["away@mail.example"].text
    )
    tick()
    assert len(letters()) == 4


def test_in_a_restored_copy_what_may_have_gone_out_waits_for_a_word_and_the_rest_goes_on(app, client_of, oscar):
    event = make_event(days=3)
    register(event, "a@mail.example")
    with time_machine.travel(event.starts_at - timedelta(hours=20)):
        assert writing.hold_restored(clock.now() - timedelta(hours=6)) == 1
        db.session.commit()
        db.session.expire_all()
        tick()
        assert "Reminder" not in letters()
        page = client_of(oscar).page(f"/staff/events/{event.id}").text
        assert "1 mail about this event waited" in page
    with time_machine.travel(event.starts_at - timedelta(minutes=50)):
        tick()
        assert letters().count("Reminder") == 1
    with time_machine.travel(event.starts_at - timedelta(hours=19)):
        client_of(oscar).send(f"/staff/events/{event.id}/release")
        tick()
        assert letters().count("Reminder") == 2


def test_a_letter_with_a_calendar_file_needs_that_file(app):
    with pytest.raises(delivery_letters.MissingValue, match="calendar"):
        merge = dict.fromkeys(["title", "when", "where", "own_url", "join_url"], "x")
        delivery_letters.send(
            "event_place", "a@mail.example", locale="en", occasion="", merge=merge, calendar="REQUEST"
        )
