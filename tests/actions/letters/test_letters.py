"""Letters as supporters write them: what leaves in whose name, how often, and what stops it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.actions.letters import pacing
from crm.actions.letters.models import Letter, SuggestedText
from crm.base import clock
from crm.contacts import known
from crm.contacts.models import SignUp, TimelineEntry
from crm.delivery import rates
from crm.delivery.models import SendingLimit
from crm.extensions import db
from crm.influencers import asks
from tests import factories
from tests.actions.letters.makers import (
    CLERK,
    LETTER,
    MAYOR,
    PAGE,
    choices,
    letters,
    make_action,
    make_target,
    outreach,
    send,
    ticked,
    write,
)
from tests.contacts.people import AMINA, confirm_path, hidden, path, person
from tests.delivery.test_rates import after

OFFERED = re.compile(r"<li><button[^>]*><bdi>([^<]+)</bdi>")


def by_link(app, client, action, **name):
    """Return what somebody who comes by a signed link in a mailing sends: the form as it stands, and a letter."""
    amina = factories.make_contact(AMINA, topics={"research": "active"}, **name)
    db.session.commit()
    with app.test_request_context():
        link = path(known.link(amina.id, "letter", action.id))
    html = client.page(link).text
    return {**hidden(html), **LETTER, "did": ticked(html)}


def test_a_letter_leaves_in_the_supporter_s_name_once_the_address_is_proven(app, client, deliver):
    make_target(make_action())
    assert send(client).status_code == 303
    assert letters() == []
    page = write(client)
    assert "your letter is on its way by e-mail" in page.text
    mail = next(one for one in deliver() if one.recipient == CLERK)
    sender = mail.message["From"].addresses[0]
    assert (sender.display_name, mail.message["Reply-To"]) == ("Amina Odeh", AMINA)
    assert sender.addr_spec != AMINA
    text = mail.message.get_content().replace("\r\n", "\n")
    assert text.startswith(f"Dear City clerk,\n\n{LETTER['text']}\n\nAmina Odeh\n48104\n{AMINA}\n")
    assert mail.subject == LETTER["subject"]
    (one,) = outreach()
    assert (one.channel, one.new, one.contact_id) == ("email", True, person().id)
    assert "Wrote to 1 office: Save bus 7" in db.session.scalars(select(TimelineEntry.title)).all()


def test_before_anything_is_sent_the_page_names_who_gets_what_and_asks_for_no_citizenship(app, client):
    action = make_action()
    make_target(action, "City clerk", email=CLERK)
    make_target(action, "Transit board", web_form="https://board.example/form")
    make_target(action, "Mayor", phone="(555) 010-0199 ext. 2")
    page = client.page(PAGE).text
    assert "do not have to be a citizen" in page
    assert choices(page) == [f"email:t{1}", "form:t2", "phone:t3"] and ticked(page) == ["email:t1"]
    assert 'href="https://board.example/form"' in page and 'href="tel:5550100199"' in page
    assert "Hello, keep bus 7." in page


def test_a_form_that_is_posted_a_hundred_times_is_one_letter(app, client):
    make_target(make_action())
    for _ in range(3):
        write(client)
    for number in range(100):
        assert send(client, did=["email:t1"], network=f"203.0.{number}.7").status_code == 303
    assert len(outreach()) == len(letters()) == 1
    assert len(db.session.scalars(select(Letter)).all()) == 1


def test_an_ask_that_is_agreed_to_stops_what_waits_and_what_comes(app, client, deliver):
    action = make_action(per_hour=60)
    iris = factories.make_influencer()
    ask = factories.make_ask(iris)
    asks.advance(ask, "made", None)
    make_target(action, "City clerk", email=CLERK, ask_id=ask.id)
    make_target(action, "Mayor", email=MAYOR)
    people = [f"p{n}@mail.example" for n in range(4)]
    for one in people:
        write(client, one)
    send(client, "late@mail.example")
    deliver()
    asks.advance(ask, "agreed", None, reason="They said so")
    db.session.commit()
    states = [one.state for one in letters()]
    assert (states.count("sent"), states.count("canceled")) == (1, 3)
    assert [one.state for one in letters(MAYOR)].count("canceled") == 0
    client.send(confirm_path("late@mail.example"))  # Written before, confirmed after.
    assert len(letters()) == 4 and len(letters(MAYOR)) == 5
    page = client.page(PAGE).text
    assert "City clerk" not in page and "Mayor" in page
    asks.advance(ask, "made", None, reason="A mistake")
    db.session.commit()
    assert "City clerk" in client.page(PAGE).text
    assert [one.state for one in letters()].count("canceled") == 3  # Nothing is sent again.


def test_a_letter_on_its_way_when_the_ask_is_agreed_is_not_tried_again(app, client):
    action, ask = make_action(), factories.make_ask(factories.make_influencer())
    asks.advance(ask, "made", None)
    make_target(action, "City clerk", email=CLERK, ask_id=ask.id)
    make_target(action, "Mayor", email=MAYOR)
    write(client)
    both = [*letters(), *letters(MAYOR)]
    for state in ("in_flight", "deferred"):
        for one in both:
            one.state = state
        db.session.commit()
        if state == "in_flight":
            asks.advance(ask, "agreed", None, reason="They said so")
    assert asks.cancel_what_waits_again() == 1
    assert [one.state for one in (*letters(), *letters(MAYOR))] == ["canceled", "deferred"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_looking_for_letters_that_wait_again_waits_for_nobody_who_writes(app, client):
    ask = factories.make_ask(factories.make_influencer())
    make_target(make_action(), "City clerk", email=CLERK, ask_id=ask.id)
    write(client)
    with db.engine.begin():
        assert asks.cancel_what_waits_again() == 0


def test_what_is_confirmed_after_the_action_closed_is_written_down_and_no_letter_leaves(app, client):
    action = make_action()
    make_target(action)
    make_target(action, "Mayor", phone="555 010 0100")
    assert send(client, did=["email:t1", "phone:t2"]).status_code == 303
    assert "Send my letter" in client.page(confirm_path(AMINA)).text
    action.closes_at = clock.now()
    db.session.commit()
    assert "Count what I did" in client.page(confirm_path(AMINA)).text
    page = client.send(confirm_path(AMINA)).text
    assert [one.channel for one in outreach()] == ["phone"] and letters() == []
    assert "on its way" not in page


def test_a_letter_that_comes_too_late_is_shown_to_be_copied(app, client):
    action = make_action()
    make_target(action)
    html = client.page(PAGE).text
    action.closes_at = clock.now()
    db.session.commit()
    page = client.send(PAGE, {**hidden(html), "subject": "My subject", "text": "My own words."}, status=410).text
    assert ">My subject</textarea>" in page and ">My own words.</textarea>" in page


def test_a_letter_for_an_action_that_is_a_draft_again_cannot_be_confirmed(app, client):
    action = make_action()
    make_target(action)
    send(client)
    action.state = "draft"
    db.session.commit()
    assert client.post(confirm_path(AMINA)).status_code == 410
    assert outreach() == []


@pytest.mark.parametrize("public", [True, False])
def test_whoever_agreed_is_thanked_only_where_the_ask_may_be_public(app, client, public):
    action, alice = make_action(), factories.make_user()
    ask = factories.make_ask()
    for state in ("made", "agreed"):
        asks.advance(ask, state, None)
    make_target(action, "City clerk", email=CLERK, ask_id=ask.id)
    if public:
        asks.allow_public(ask, True, alice)
    db.session.commit()
    page = client.page(PAGE).text
    assert ("has agreed. Thank you" in page) == public and ("City clerk" in page) == public
    assert choices(page) == [] and "nobody to write to" in page


def test_letters_to_one_office_leave_at_its_pace_and_hold_no_other_up(app, client, deliver):
    action = make_action(per_hour=60)
    make_target(action, "City clerk", email=CLERK)
    make_target(action, "Mayor", email=MAYOR)
    for n in range(3):
        write(client, f"p{n}@mail.example")
    deliver()
    assert sorted(one.state for one in letters()) == ["queued", "queued", "sent"]
    deliver()
    assert [one.state for one in letters()].count("sent") == 1
    after(timedelta(minutes=1, seconds=1))
    deliver()
    assert [[one.state for one in letters(to)].count("sent") for to in (CLERK, MAYOR)] == [2, 2]
    pacing.change(action, 3600)
    db.session.commit()
    for _ in range(3):
        rates.let_go()
    assert set(db.session.scalars(select(SendingLimit.per_hour))) == {3600}
    assert set(db.session.scalars(select(SendingLimit.stale))) == {False}
    after(timedelta(seconds=2))
    deliver()
    assert [[one.state for one in letters(to)].count("sent") for to in (CLERK, MAYOR)] == [3, 3]


def test_a_paused_office_gets_nothing_and_is_not_offered_until_it_goes_on(app, client, deliver):
    action = make_action()
    clerk = make_target(action, "City clerk", email=CLERK)
    make_target(action, "Mayor", email=MAYOR)
    write(client)
    pacing.pause(clerk)
    db.session.commit()
    assert CLERK not in {mail.recipient for mail in deliver()}
    assert ticked(client.page(PAGE).text) == ["email:t2"]
    pacing.resume(clerk)
    db.session.commit()
    assert [mail.recipient for mail in deliver()] == [CLERK]


def test_a_known_supporter_writes_with_one_button(app, client):
    action = make_action()
    make_target(action)
    page = client.send(PAGE, by_link(app, client, action, first_name="Amina", last_name="Odeh"))
    assert "What you did" in page.text and len(letters()) == 1
    assert outreach()[0].new is False


def test_who_gets_a_mailing_forwarded_reads_no_address_of_who_got_it_first(app, client):
    action = make_action()
    make_target(action)
    amina = factories.make_contact(AMINA, topics={"research": "active"}, first_name="", last_name="")
    db.session.commit()
    with app.test_request_context():
        link = path(known.link(amina.id, "letter", action.id))
    page = client.page(link).text
    assert AMINA not in page and "in the name of" in page


def test_forms_and_calls_are_noted_with_one_button_each_after_the_letter(app, client):
    action = make_action()
    make_target(action, "City clerk", email=CLERK)
    make_target(action, "Transit board", web_form="https://board.example/form")
    page = write(client)
    assert LETTER["text"] in page.text.replace("&#39;", "'") and "What is left to do" in page.text
    again = client.send(page.request.path, {"did": "form:t2"})
    assert "you sent it by their form" in again.text and "What is left to do" not in again.text
    assert [one.channel for one in outreach()] == ["email", "form"]
    client.send(page.request.path, {"did": "email:t1"})
    assert len(outreach()) == 2


NAMES = [
    ("A\r\nBcc: evil@mail.example", "نور\u202e"),
    ("🕊️", "O’Neil <evil@mail.example>"),
]


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_no_name_or_subject_adds_a_header(app, client, deliver, first, last):
    make_target(make_action())
    write(client, first_name=first, last_name=last, subject="Hello\r\nCc: evil@mail.example\u2028X: 1")
    mail = next(one for one in deliver() if one.recipient == CLERK)
    assert [mail.message[name] for name in ("Bcc", "Cc", "X")] == [None] * 3
    assert len(mail.message["From"].addresses) == 1
    assert "<" not in mail.message["From"].addresses[0].display_name


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": "x" * 7000}, "Use at most 6000 characters"),
        ({"subject": ""}, "Write the subject"),
        ({"text": " "}, "Write your letter"),
        ({"first_name": "", "last_name": ""}, "Write your name"),
        ({"did": ["email:x9"]}, "not there any more"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_typed_is_lost(app, client, values, said):
    make_target(make_action())
    answer = send(client, **{"first_name": "Amina", "text": "My own words", **values})
    assert answer.status_code == 422 and said in answer.text
    assert values.get("text", "My own words").strip() in answer.text and ticked(answer.text) in (["email:t1"], [])


def test_a_text_of_five_megabytes_is_refused_plainly(app, client):
    make_target(make_action())
    answer = send(client, text="x" * 5_000_000)
    assert answer.status_code == 422 and "Use at most 6000 characters" in answer.text


def test_a_known_supporter_without_a_name_is_asked_for_it(app, client):
    action = make_action()
    make_target(action)
    data = by_link(app, client, action, first_name="", last_name="")
    answer = client.post(PAGE, data=data)
    assert answer.status_code == 422 and 'name="first_name"' in answer.text
    client.send(PAGE, {**data, "first_name": "Amina"})
    assert db.session.scalars(select(Letter.name)).all() == ["Amina"]


def test_another_text_to_begin_with_keeps_all_that_was_typed(app, client):
    action = make_action()
    make_target(action)
    other = factories.add(SuggestedText(action_id=action.id, kind="letter", subject="More buses", text="More buses."))
    db.session.commit()
    page = client.page(PAGE).text
    begun, offered = re.search(r'name="subject"[^>]* value="([^"]+)"', page)[1], OFFERED.findall(page)
    assert {begun, *offered} == {"More buses", LETTER["subject"]} and len(offered) == 1
    answer = send(client, first_name="Noor", text="My own words.", begin=str(other.id))
    assert OFFERED.findall(answer.text) == [LETTER["subject"]]
    assert answer.status_code == 200 and db.session.scalars(select(SignUp)).all() == []
    for kept in (AMINA, "Noor", "More buses.", "My own words."):
        assert kept in answer.text
    assert "has-error" not in answer.text and ticked(answer.text) == ["email:t1"]
