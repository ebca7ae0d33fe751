"""Registering for an event: the form, places and the waiting list, the calendar files, giving the place up."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from crm.base import clock, limits
from crm.base.deeds import Deed, Done
from crm.contacts import answering, known, retention
from crm.contacts.models import TimelineEntry
from crm.delivery.models import Delivery
from crm.events import attending, needs, places
from crm.events.models import DEED, Attendance
from crm.extensions import db
from crm.organizations.models import Coalition
from tests import factories
from tests.contacts.people import AMINA, confirm_path, hidden, mails, path, topics_of
from tests.events.people import MEETING, at, entry, letters, make_event, of, register, registers, states
from tests.hours import within_an_hour


def test_a_visitor_registers_confirms_and_gets_the_calendar_file_with_their_own_way_in(client, app, deliver):
    event = make_event()
    mine = registers(client, event, first_name="Amina", needs=["es", "captions"], needs_note="A seat at the front")
    page = client.page(mine).text
    assert "You are registered" in page and MEETING not in page and topics_of() == {}
    assert (of(AMINA).state, of(AMINA).new) == ("registered", True)
    assert of(AMINA).needs == {"boxes": ["es", "captions"], "note": "A seat at the front"}
    mail = next(mail for mail in deliver() if mail.subject.startswith("You are registered"))
    assert mail.subject == "You are registered: Licenses, step by step"
    part = next(part for part in mail.message.walk() if part.get_content_type() == "text/calendar")
    invitation = entry(part.get_content())
    assert part["Content-Type"].params["method"] == invitation.method == "REQUEST"
    assert (invitation["UID"], int(invitation["SEQUENCE"])) == (f"event-{event.public_id}@crm.example", 0)
    assert (invitation.start, invitation.end) == (event.starts_at, event.ends_at)
    assert invitation["ATTENDEE"] == f"mailto:{AMINA}" and invitation["ORGANIZER"] == "mailto:news@bridgeway.example"
    assert mine in str(invitation["URL"]) and MEETING not in mail.raw.decode() and "A seat" not in mail.raw.decode()
    assert [e.title for e in db.session.scalars(select(TimelineEntry))] == ["Registered for: Licenses, step by step"]


def test_the_calendar_file_names_a_sender_with_a_quote_in_its_name(client, app):
    db.session.execute(update(Coalition).values(sender_name='The "Bridge Coalition'))
    mine = registers(client, make_event())
    organizer = entry(client.get(f"{mine}.ics").data)["ORGANIZER"]
    assert organizer == "mailto:news@bridgeway.example" and "Bridge" in organizer.params["CN"]


def test_the_public_calendar_file_holds_no_way_in_and_keeps_its_uid_when_the_event_moves(client, as_oscar):
    event = make_event()
    first = entry(client.get("/events/licenses.ics").data)
    event.starts_at += timedelta(hours=1)
    event.ends_at += timedelta(hours=1)
    event.sequence += 1
    db.session.commit()
    second = entry(client.get("/events/licenses.ics?lang=es").data)
    assert first["UID"] == second["UID"] and (int(first["SEQUENCE"]), int(second["SEQUENCE"])) == (0, 1)
    assert second["SUMMARY"] == "Licencias paso a paso" and second.start == event.starts_at
    assert "/mine/" not in str(first) and MEETING not in str(first)


@pytest.mark.parametrize("capacity", [1])
def test_of_ten_who_confirm_at_once_exactly_one_gets_the_last_place(app, capacity):
    event_id = make_event(capacity=capacity).id
    people = [factories.make_contact(f"one{number}@mail.example").id for number in range(10)]
    db.session.commit()

    def confirm(contact_id):
        with app.test_request_context(method="POST"):
            attending.register(Done(Deed(DEED, event_id), contact_id, None, "en", False, clock.now()))
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(confirm, people))
    assert sorted(states()) == ["registered", *["waiting"] * 9]
    assert sorted(letters()) == ["You are on the waiting list"] * 9 + ["You are registered"]


def test_forms_of_an_event_and_of_sign_up_never_wait_for_each_other(app, client, monkeypatch):
    monkeypatch.setattr(answering, "PATIENCE", 30)
    make_event()
    urls = ("/events/licenses", "/signup") * 8
    data = [{"language": "en", "consent": "y", **hidden(client.page(url).text)} for url in urls]

    def send(number):
        typed = data[number] | {"email": f"one{number}@mail.example"}
        network = {"REMOTE_ADDR": f"203.0.{number}.7"}
        return app.test_client().post(urls[number], data=typed, environ_overrides=network).status_code

    db.session.remove()
    with (
        time_machine.travel(clock.now() + timedelta(seconds=5), tick=False),
        ThreadPoolExecutor(8) as pool,
    ):
        sent = [pool.submit(send, number) for number in range(len(urls))]
        assert [one.result(timeout=20) for one in sent] == [303] * len(urls)


def test_who_waits_longest_moves_up_by_itself_and_is_told_once(app, client):
    event = make_event(capacity=1)
    first, second, third = register(event, "a@mail.example"), register(event, "b@mail.example"), register(event)
    assert states() == ["registered", "waiting", "waiting"]
    attending.leave(first)
    db.session.commit()
    assert attending.leave(of("a@mail.example")) is False
    places.give_all()
    assert states() == ["canceled", "registered", "waiting"]
    assert letters("b@mail.example") == ["You are on the waiting list", "A place is yours"]
    assert letters("a@mail.example") == ["You are registered", "Canceled"]
    db.session.delete(second.contact)  # Forgotten: the place is free with nobody giving it up.
    db.session.commit()
    places.give_all()
    places.give_all()
    assert of(third.contact.email).state == "registered" and letters(third.contact.email).count("A place is yours") == 1


def test_giving_a_place_up_needs_a_button_and_takes_the_event_off_the_calendar(client, app):
    event = make_event()
    mine = registers(client, event)
    before = entry(of_mail("calendar"))
    assert "Cancel my registration" in client.page(mine).text and states() == ["registered"]
    client.send(mine)
    assert "Your registration is canceled" in client.page(mine).text and states() == ["canceled"]
    after = entry(of_mail("calendar"))
    assert after.method == "CANCEL" and after["STATUS"] == "CANCELLED" and after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        registers(client, event)
    again = entry(of_mail("calendar"))
    assert states() == ["registered"] and again.method == "REQUEST" and again["SEQUENCE"] > after["SEQUENCE"]


def of_mail(name):
    """The merge value of that name of the last mail."""
    rows = db.session.scalars(select(Delivery.merge).order_by(Delivery.id)).all()
    return next(merge[name] for merge in reversed(rows) if merge and name in merge)


def test_who_registered_too_often_today_loses_nothing_that_was_ticked(client, app, monkeypatch):
    event = make_event()
    contact = factories.make_contact("known@mail.example")
    db.session.commit()
    page = client.page(path(known.link(contact.id, DEED, event.id))).text
    monkeypatch.setattr(limits, "allow", lambda *_: False)
    typed = hidden(page) | {"needs": ["step_free"], "needs_note": "A seat at the front"}
    answer = client.send("/events/licenses", typed, 429).text
    assert "several times today already" in answer and "A seat at the front" in answer
    assert re.search(r'value="step_free"[^>]*checked|checked[^>]*value="step_free"', answer)


def test_a_known_person_registers_with_one_button_and_a_strange_link_registers_nobody(client, app):
    event = make_event()
    contact = factories.make_contact("known@mail.example", first_name="Nadia")
    db.session.commit()
    link = path(known.link(contact.id, DEED, event.id))
    page = client.page(link).text
    assert "You register as" in page and "Nadia" in page and states() == []
    answer = client.post("/events/licenses", data=hidden(page) | {"needs": ["step_free"]})
    assert answer.status_code == 303 and states() == ["registered"]
    assert of("known@mail.example").needs == {"boxes": ["step_free"]}
    assert "E-mail" in client.page("/events/licenses?me=forged").text
    assert client.get(link).headers["Referrer-Policy"] == "no-referrer"
    contact.first_name = ""
    db.session.commit()
    page = client.page(link).text
    assert "k…@mail.example" in page and "known@mail.example" not in page


def test_what_a_known_person_came_by_is_kept_as_that_of_anybody_else(client, app):
    factories.make_organization("Harbor College", is_member=True, via="harbor")
    event, came = make_event(), {"": "licenses", "?via=harbor&utm_campaign=may": "Harbor College"}
    for number, (query, label) in enumerate(came.items()):
        stranger, known_one = f"a{number}@mail.example", factories.make_contact(f"b{number}@mail.example")
        db.session.commit()
        registers(client, event, stranger, query=query)
        link = path(known.link(known_one.id, DEED, event.id)) + query.replace("?", "&")
        client.send("/events/licenses", hidden(client.page(link).text))
        assert of(stranger).source.label == of(known_one.email).source.label == label
        assert of(stranger).source == of(known_one.email).source


def test_registering_a_hundred_times_is_one_registration(app):
    event = make_event()
    one = register(event, AMINA)
    for _ in range(99):
        attending.register(Done(Deed(DEED, event.id), one.contact_id, None, "en", False, clock.now()))
    db.session.commit()
    assert states() == ["registered"]


def test_who_presses_the_button_of_a_link_many_times_fills_no_mailbox(client, app):
    event = make_event()
    contact = factories.make_contact("known@mail.example")
    db.session.commit()
    data = hidden(client.page(path(known.link(contact.id, DEED, event.id))).text)
    with within_an_hour() as clocks:
        for _ in range(2):
            assert client.post("/events/licenses", data=data).status_code == 303
            clocks.shift(1)
        assert len(mails("known@mail.example")) == 1
        clocks.shift(3600)
        assert client.post("/events/licenses", data=data).status_code == 303
    assert len(mails("known@mail.example")) == 2


def test_who_holds_a_forwarded_link_registers_and_cancels_three_times_a_day_at_most(client, app):
    event = make_event()
    contact = factories.make_contact("known@mail.example")
    db.session.commit()
    data = hidden(client.page(path(known.link(contact.id, DEED, event.id))).text)
    for _ in range(3):
        done = client.post("/events/licenses", data=data)
        client.post(path(client.get(path(done.location)).location))
    page = client.send("/events/licenses", data, status=429)
    assert "Please come back tomorrow" in page.text and states() == ["canceled"]
    sent = len(mails("known@mail.example"))
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert client.post("/events/licenses", data=data).status_code == 303
    assert sent == 6 and states() == ["registered"]


def test_nobody_registers_for_what_is_a_draft_canceled_over_or_closed(client, app):
    event = make_event(state="draft")
    assert client.get("/events/licenses").status_code == 404
    for values, words in [
        ({"state": "canceled"}, "This event is canceled."),
        ({"closes_at": clock.now() - timedelta(hours=1)}, "Registration is closed."),
        ({"starts_at": clock.now() - timedelta(hours=3), "ends_at": clock.now() - timedelta(hours=2)}, "is over"),
    ]:
        for name, value in ({"state": "published", "closes_at": None} | values).items():
            setattr(event, name, value)
        db.session.commit()
        page = client.page("/events/licenses").text
        assert words in page and 'name="email"' not in page
        typed = {"email": AMINA, "needs_note": "I come in a wheelchair"}
        page = client.send("/events/licenses", typed, status=410).text
        assert words in page and ">I come in a wheelchair</textarea>" in page and mails() == []


def test_a_form_that_confirms_what_was_given_up_since_changes_nothing(app):
    event = make_event()
    one, sent = register(event, AMINA), clock.now()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        attending.leave(one)
        attending.register(Done(Deed(DEED, event.id), one.contact_id, None, "en", False, sent))
    db.session.commit()
    assert states() == ["canceled"]


def test_each_event_offers_its_own_languages_and_who_asked_for_one_before_is_not_forgotten(client, as_oscar):
    event = make_event(interpretation=["es", "ar"])
    register(event, "b@mail.example", details={"boxes": ["ar"]})
    url = f"/staff/events/{event.id}/edit"
    page = as_oscar.page(url).text
    typed = {**hidden(page), "title_en": event.title, "kind": "webinar", "zone": event.zone, "join_url": MEETING}
    clocks = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("starts", "ends")}
    as_oscar.send(url, {**typed, **clocks, "interpretation": ["ht", "es"]})
    form = client.page("/events/licenses?lang=es").text
    assert "criollo haitiano" in form and "al español" in form and "árabe" not in form.partition("<form")[2]
    data = {"email": AMINA, **hidden(client.page("/events/licenses").text), "language": "en", "needs": ["so"]}
    assert client.post("/events/licenses", data=data).status_code == 422
    registers(client, event, needs=["ht", "captions"])
    told = as_oscar.page(f"/staff/events/{event.id}").text
    assert "<strong>1</strong> Interpretation into Haitian Creole" in told
    assert "<strong>0</strong> Interpretation into Spanish" in told
    assert "<strong>1</strong> Interpretation into Arabic, which is not offered any more" in told


def test_needs_are_told_in_totals_and_deleted_thirty_days_after(app, client, as_bob):
    event = make_event()
    registers(client, event, needs=["ase"], needs_note="<b>ramp</b> \u202eمنحدر 🦽")
    register(event, "b@mail.example", details={"boxes": ["ase", "made_up"]})
    page = as_bob.page(f"/staff/events/{event.id}").text
    assert "<strong>2</strong> American Sign Language" in page and "&lt;b&gt;ramp&lt;/b&gt;" in page
    with time_machine.travel(event.ends_at + timedelta(days=29)):
        needs.forget_old()
        db.session.commit()
        assert of(AMINA).needs
    with time_machine.travel(event.ends_at + timedelta(days=31)):
        needs.forget_old()
        db.session.commit()
    assert not any(one.needs for one in db.session.scalars(select(Attendance)))
    assert "ramp" not in str(db.session.execute(db.text("select details from sign_up")).all())


def test_names_in_any_script_and_addresses_with_plus_register(client, app, deliver):
    event = make_event(titles={"en": "Café 🎉 {{ braces }}", "ar": "ندوة"})
    registers(client, event, "omar+licenses@mail.example", first_name="𠮷عمر 🦊", language="ar")
    mail = next(mail for mail in deliver() if "ندوة" in mail.subject)
    assert 'dir="rtl"' in mail.html
    english = register(event, "eve@mail.example")
    [mail] = [mail for mail in deliver() if mail.recipient == english.contact.email]
    assert "Café 🎉 {{ braces }}" in mail.text


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_any_page_of_a_registrant_changes_nothing(client, app, method):
    event = make_event(days=0.01)
    mine = registers(client, event)
    join = path(of_mail("join_url"))
    for url in (mine, f"{mine}.ics", join, join.replace("join/", "join/x"), mine + "x"):
        assert getattr(client, method)(url).status_code in (200, 404)
    assert states() == ["registered"] and of(AMINA).attended_at is None


def test_the_way_in_opens_to_who_has_a_place_and_marks_them_as_there(client, app):
    event = make_event(days=2, capacity=1)
    registers(client, event)
    join = path(of_mail("join_url"))
    waiting = register(event, "late@mail.example")
    assert "Please come back then" in client.page(join).text
    assert MEETING not in client.post(join).text
    with time_machine.travel(event.starts_at - timedelta(minutes=30)):
        assert MEETING not in client.page(join).text
        answer = client.post(join)
        assert answer.headers["Refresh"] == f"0; url={MEETING}" and answer.headers["Referrer-Policy"] == "no-referrer"
        assert (of(AMINA).how, of(AMINA).attended_at is not None) == ("join", True)
        with app.test_request_context():
            stranger = path(links_join(waiting))
        assert MEETING not in client.post(stranger).text and of("late@mail.example").attended_at is None
        attending.leave(of(AMINA))
        db.session.commit()
        assert MEETING not in client.post(join).text and MEETING in client.post(stranger).text


def links_join(attendance):
    return attending.links.join(attendance)


def test_the_time_is_shown_on_any_clocks_also_in_the_hour_that_comes_twice(client, app):
    with time_machine.travel(at(2026, 12, 1, 12)):
        event = make_event(starts_at=at(2027, 7, 1, 16), ends_at=at(2027, 7, 1, 17))
        page = client.page("/events/licenses?zone=America/Los_Angeles").text
        assert "(Eastern Daylight Time)" in page and "On the clocks of America/Los_Angeles" in page
        assert "(Pacific Daylight Time)" in page
        assert "On the clocks" not in client.page("/events/licenses?zone=Mars/Base").text
        event.starts_at, event.ends_at = at(2027, 11, 7, 5, 30), at(2027, 11, 7, 6, 30)
        db.session.commit()
        assert "Eastern Daylight Time" in client.page("/events/").text


def test_who_gives_the_place_up_leaves_nothing_of_what_they_needed(client, app):
    mine = registers(client, make_event(), needs=["captions"], needs_note="A ramp, please")
    client.send(mine)
    assert of(AMINA).needs == {}
    assert "ramp" not in str(db.session.execute(db.text("select details from sign_up")).all())


def test_nobody_is_asked_to_confirm_or_reminded_of_what_was_called_off(client):
    event = make_event()
    data = {"email": AMINA, **hidden(client.page("/events/licenses").text), "language": "en"}
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        assert client.post("/events/licenses", data=data).status_code == 303
    event.state = "canceled"
    db.session.commit()
    page = client.page(confirm_path()).text
    assert "is over or called off by now" in page and "Confirm my registration" not in page
    assert "<title>There is nothing left to confirm" in page and 'href="/events/licenses"' in page
    with time_machine.travel(clock.now() + timedelta(hours=49), tick=False):
        assert retention.remind() == 0


def test_who_registered_and_gets_no_mail_is_offered_it(client):
    event = make_event()
    assert "You get no mail from us yet" in client.page(registers(client, event)).text
    factories.make_contact("lena@mail.example", topics={"research": "active"})
    db.session.commit()
    assert "You get no mail from us yet" not in client.page(registers(client, event, "lena@mail.example")).text
