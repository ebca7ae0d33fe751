"""What other rooms find of attendances: segments, sequences, goals, mailings; merging and forgetting."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from crm.base import clock
from crm.base.acted import acted
from crm.base.activities import activities
from crm.base.block_kinds import made
from crm.base.digest_news import news
from crm.base.registries import metrics
from crm.base.segment_fields import segment_fields
from crm.base.triggers import triggers
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import uniting
from crm.contacts.models import Contact, Source
from crm.events import attending, counting, following_up, writing
from crm.events.models import Attendance
from crm.extensions import db
from crm.mailings.blocks.telling import basic
from tests import factories
from tests.events.people import at, letters, make_event, of, register, states


def found(name, test, value):
    query = select(Contact.email).where(segment_fields[name].condition(test, value)).order_by(Contact.email)
    return [email.partition("@")[0] for email in db.session.scalars(query)]


def test_segments_sequences_goals_and_interest_know_who_registered_and_attended(app):
    event = make_event()
    one, gone, there = (register(event, f"{name}@mail.example") for name in ("in", "out", "there"))
    attending.leave(gone)
    attending.attended(there, attending.JOIN)
    db.session.commit()
    number = str(event.id)
    assert found("event_registered", "is", number) == ["in", "there"]
    assert found("event_registered", "is_not", number) == ["out"] and found("event_attended", "is", number) == ["there"]
    assert found("event_last_attended", "last_days", "7") == found("events_attended", "at_least", "1") == ["there"]
    before = clock.now() - timedelta(hours=1)
    who = {
        name: [row[0] for row in db.session.execute(triggers[name].who(number, before))]
        for name in ("registered", "attended")
    }
    assert sorted(who["registered"]) == sorted([one.contact_id, there.contact_id])
    assert who["attended"] == [there.contact_id]
    source = factories.add(Source(digest="1", kind="mailing", label="A mailing", code="m"))
    for attendance in (one, there):
        attendance.source_id = source.id
    db.session.commit()
    acts = {name: db.session.execute(acted[name].who([source.id])).all() for name in ("registrations", "attended")}
    assert [len(rows) for rows in acts.values()] == [2, 1] and acts["attended"][0][0] == there.contact_id
    metric = metrics["registrations"]
    assert metric.count(before, clock.now() + timedelta(1)) == 2 and metric.by_day(before, clock.now())[0][2] == 2
    active = select(Contact.email).where(activities["events"](before))
    assert len(db.session.scalars(active).all()) == 3


def test_an_event_is_offered_by_its_day_where_it_happens(app, monkeypatch):
    late = make_event(starts_at=at(2027, 1, 10, 2), ends_at=at(2027, 1, 10, 3))
    field, told = segment_fields["event_registered"], (str(late.id), f"{late.title}, 2027-01-09")
    assert field.choices() == [told]
    monkeypatch.setattr(counting, "OFFERED", 0)
    assert field.offered(told[0]) == [told]


def test_the_block_tells_the_event_as_it_is_now_and_vanishes_when_it_is_canceled(app):
    year = clock.today().year + 1
    times = {"starts_at": at(year, 1, 9, 18), "ends_at": at(year, 1, 9, 19)}
    event = make_event(titles={"en": "Title {{ first_name }}"}, summaries={"en": "<b>"}, **times)
    for choice in ("next", str(event.id)):
        heading, text, button = basic([made("event", event=choice)], "es", [])
        assert "{{" not in heading["text"] and "&lt;b&gt;" in text["html"]
        assert "hora estándar oriental" in text["html"]
        assert (button["text"], button["url"]) == (
            "Inscribirse",
            f"http://crm.example/events/licenses?act=attendance-{event.id}",
        )
    event.state = "canceled"
    db.session.flush()
    assert basic([made("event", event="next"), made("event", event=str(event.id))], "en", []) == []


def test_digests_tell_of_events_that_became_public_and_are_not_over(app):
    event = make_event(published_at=clock.now())
    find = news["events"].find
    [item] = find(clock.now() - timedelta(days=7), clock.now() + timedelta(minutes=1), "es")
    assert (item.title, item.path) == ("Licencias paso a paso", "/events/licenses") and "How it works." in item.summary
    assert find(clock.now() + timedelta(minutes=1), clock.now() + timedelta(days=1), "es") == []
    assert find(clock.now() - timedelta(days=7), event.ends_at + timedelta(days=1), "es") == []


def test_two_registrations_of_one_person_become_the_better_one_and_its_links_live_on(app, client, alice):
    event = make_event(capacity=1)
    first, second = register(event, "a@mail.example"), register(event, "b@mail.example")
    with app.test_request_context():
        links = [attending.links.own_path(one) for one in (first, second)]
    attending.attended(first, attending.JOIN)
    uniting.merge(second.contact_id, first.contact_id, [], alice)
    db.session.commit()
    [one] = db.session.scalars(select(Attendance))
    assert (one.state, one.how) == ("registered", "join")
    assert all("You are registered" in client.page(link).text for link in links)


def test_who_has_had_the_follow_up_does_not_get_it_again_when_two_records_become_one(app, alice):
    event = make_event(capacity=1, texts_attended={}, texts_missed={"en": "Next time."})
    first = register(event, "a@mail.example", details={"boxes": ["captions"]})
    second = register(event, "b@mail.example", details={"note": "near the stage"})
    attending.leave(second)
    with time_machine.travel(event.ends_at + timedelta(hours=1)):
        following_up.send(event)
        db.session.commit()
        writing.follow_up()
        uniting.merge(second.contact_id, first.contact_id, [], alice)
        db.session.commit()
        writing.follow_up()
    assert [one for one in letters() if one == "After the event"] == ["After the event"]


def test_what_somebody_needs_is_kept_from_both_of_two_records_that_become_one(app, alice):
    event = make_event()
    first = register(event, "a@mail.example", details={"boxes": ["captions"], "note": "front row"})
    second = register(event, "b@mail.example", details={"boxes": ["ase"]})
    uniting.merge(second.contact_id, first.contact_id, [], alice)
    db.session.commit()
    [one] = db.session.scalars(select(Attendance))
    assert one.needs == {"boxes": ["ase", "captions"], "note": "front row"}


def test_who_is_forgotten_leaves_no_registration(app, alice):
    event = make_event()
    one = register(event, "a@mail.example", details={"note": "ramp"})
    forgetting.forget(one.contact, "mail")
    db.session.commit()
    assert states() == [] and of_nobody()


def of_nobody():
    return db.session.scalars(select(Contact)).all() == []


def test_the_registration_of_somebody_else_is_out_of_reach(app, client):
    event, other = make_event(), make_event(slug="other")
    one = register(event, "a@mail.example")
    with app.test_request_context():
        own = attending.links.own_path(one)
    assert client.get(own.replace("/licenses/", "/other/")).status_code == 410
    assert client.get(own.replace("/mine/", "/join/")).status_code == 404
    assert of("a@mail.example").event_id != other.id
