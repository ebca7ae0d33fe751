"""Petitions as visitors meet them: a signature counts once its address is proven, and goes when it is withdrawn."""

import re
from datetime import timedelta

import time_machine

from crm.actions import merging
from crm.actions import signatures as signing
from crm.base import clock
from crm.contacts import known
from crm.extensions import db
from tests import factories
from tests.actions.makers import PAGE, SIGNED, make_petition, send, sign, signatures
from tests.contacts.people import AMINA, confirm_path, hidden, mails, path, person, sign_ups, topics_of


def test_a_signature_counts_once_the_address_is_proven(app, client):
    make_petition()
    answer = send(client)
    assert answer.status_code == 303 and answer.location.startswith(f"{PAGE}/sent")
    client.page(answer.location)
    assert signatures() == []
    assert "Confirm my signature" in client.page(confirm_path()).text
    page = client.send(confirm_path())
    assert "It counts" in page.text and "wa.me" in page.text
    (signature,) = signatures()
    assert (signature.contact_id, signature.new) == (person().id, True)
    assert "<strong>1</strong>" in client.page(PAGE).text


def test_one_address_signs_once_however_often_it_is_typed(app, client):
    make_petition()
    sign(client)
    sign(client, comment="Again", after=timedelta(minutes=2))
    assert [one.comment for one in signatures()] == [""]


def test_whoever_was_a_supporter_before_is_told_apart_from_the_new_ones(app, client):
    make_petition()
    factories.make_contact(AMINA, topics={"research": "active"})
    sign(client)
    sign(client, "samir@mail.example")
    assert [one.new for one in signatures()] == [False, True]


def test_the_source_is_kept_with_the_signature(app, client):
    make_petition()
    member = factories.make_organization("Harbor College", is_member=True, via="harbor")
    sign(client, query="?via=harbor")
    assert signatures()[0].source.organization_id == member.id


def test_the_public_list_shows_what_each_chose_and_nothing_else(app, client):
    action = make_petition()
    sign(client, shown="none")
    sign(client, "samir@mail.example", shown="initial", first_name="Samir", last_name="Haddad", city="Dearborn")
    sign(
        client, "lena@mail.example", shown="full", first_name="Lena", last_name="Ortiz", comment="For my <b>mother</b>"
    )
    page = client.page(SIGNED).text
    assert "Samir H." in page and "Haddad" not in page and "Lena Ortiz" in page and "Odeh" not in page
    assert "mother" not in page and "<strong>3</strong>" in client.page(PAGE).text
    signing.moderate(signatures()[2], shown=True)
    assert "For my &lt;b&gt;mother&lt;/b&gt;" in client.page(SIGNED).text
    action.comments_shown = False
    db.session.commit()
    assert "mother" not in client.page(SIGNED).text


def test_a_comment_is_shown_as_staff_have_read_it_alone(app, client, as_oscar):
    action = make_petition()
    sign(client, shown="full", comment="For my mother")
    url = f"/staff/actions/{action.id}/signatures/"
    decide, read = f"{url}{signatures()[0].id}", hidden(as_oscar.page(url).text)
    client.send(path(next(merge for _, merge in mails() if "withdraw_url" in merge)["withdraw_url"]))
    sign(client, shown="full", comment="Buy at x.example", after=timedelta(minutes=1))
    assert "The comment is another one now" in as_oscar.send(decide, {**read, "do": "show"}).text
    assert "x.example" not in client.page(SIGNED).text
    as_oscar.send(decide, {**hidden(as_oscar.page(url).text), "do": "show"})
    assert "x.example" in client.page(SIGNED).text


def test_a_withdrawn_signature_is_gone_at_once_and_may_be_given_again(app, client):
    make_petition()
    sign(client, shown="full")
    receipt = next(merge for _, merge in mails() if "withdraw_url" in merge)
    link = path(receipt["withdraw_url"])
    client.page(link)
    assert "Amina Odeh" in client.page(SIGNED).text  # Opening the link changes nothing.
    client.send(link)
    client.send(link)
    assert all(one.details == {} for one in sign_ups())
    assert "Amina" not in client.page(SIGNED).text and "<strong>1</strong>" not in client.page(PAGE).text
    sign(client, shown="full", after=timedelta(minutes=1))
    assert len(signatures()) == 1 and "Amina Odeh" in client.page(SIGNED).text


def test_a_known_supporter_signs_with_one_button(app, client):
    action = make_petition()
    contact = factories.make_contact(AMINA, last_name="Odeh", topics={"research": "active"})
    db.session.commit()
    link = path(known.link(contact.id, "signature", action.id))
    page = client.page(link).text
    assert "Sign as Amina O." in page and "Not you?" in page and 'name="email"' not in page and signatures() == []
    me = re.search(r'name="me" value="([^"]+)"', page)[1]
    assert client.get(link).headers["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get(PAGE).headers
    for _ in range(2):
        assert "It counts" in client.send(PAGE, {"me": me, "known": "1", "shown": "initial"}).text
    (signature,) = signatures()
    assert (signature.new, signature.name) == (False, "Amina O.")
    other = make_petition(slug="other", titles={"en": "Other"})
    assert client.post("/actions/other", data={"me": me, "known": "1"}).status_code == 422 and other.id
    assert len(signatures()) == 1


def test_a_closed_petition_tells_its_outcome_and_takes_nothing_more(app, client):
    now = clock.now()
    action = make_petition(opens_at=now + timedelta(days=1))
    page = client.page(PAGE).text
    assert "This opens on" in page and "<form" not in page.split("<main")[1].split("</main")[0]
    action.opens_at, action.closes_at, action.outcomes = None, now - timedelta(hours=1), {"en": "**We won.**"}
    db.session.commit()
    page = client.page(PAGE).text
    assert "<strong>We won.</strong>" in page and 'name="email"' not in page
    page = client.send(PAGE, {"email": AMINA, "comment": "For my <mother>"}, status=410).text
    assert ">For my &lt;mother&gt;</textarea>" in page and "We won." in page
    assert "textarea" not in client.send(PAGE, {"email": AMINA}, status=410).text


def test_neither_number_nor_goal_is_told_below_the_threshold(app, client):
    make_petition(goal_from=2)
    sign(client)
    assert "goal-count" not in client.page(PAGE).text
    sign(client, "samir@mail.example")
    assert "<strong>2</strong>" in client.page(PAGE).text


def test_a_draft_is_seen_by_the_staff_alone(app, client, as_bob):
    make_petition(state="draft")
    assert client.get(PAGE).status_code == 404
    assert "This is a draft" in as_bob.page(PAGE).text
    assert as_bob.post(PAGE, data={"email": AMINA}).status_code == 410


def test_what_staff_write_is_shown_without_scripts(app, client):
    make_petition(bodies={"en": "<script>alert(1)</script> [x](javascript:alert(1)) **bold**"})
    page = client.page(PAGE).text
    assert "<script>alert" not in page and "javascript:alert" not in page.replace("[x](javascript:alert(1))", "")
    assert "<strong>bold</strong>" in page


def test_whose_name_shall_be_shown_is_asked_for_it(app, client):
    make_petition()
    page = send(client, shown="full", first_name="", last_name="")
    assert page.status_code == 422 and "Write your first name" in page.text and signatures() == []


def test_a_form_offers_the_topics_of_its_action_and_subscribes_to_no_other(app, client):
    make_petition(topics=["research"])
    sign(client, consent="y")
    assert topics_of() == {"research": "active"}


def test_of_two_records_of_one_person_the_signature_that_counts_stays(app, client, as_alice):
    make_petition()
    sign(client)
    sign(client, "samir@mail.example")
    kept, gone = signatures()
    signing.withdraw(kept)
    db.session.commit()
    merging.merge().follow(kept.contact_id, gone.contact_id, (), None)
    assert [one.contact_id for one in signatures()] == [gone.contact_id]


def test_what_acts_in_somebody_s_name_stands_an_hour_on_a_page_that_nobody_keeps(app, client):
    make_petition()
    make_petition(slug="second", titles={"en": "Second petition"})
    page = sign(client)
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert "Take it back" in page.text and "/actions/second?me=" in page.text
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        later = client.page(page.request.path).text
    assert "Take it back" not in later and "?me=" not in later and "/actions/second?via=" in later


def test_nobody_is_led_to_what_they_have_done(app, client):
    make_petition()
    make_petition(slug="second", titles={"en": "Second petition"})
    assert "Second petition" in sign(client).text
    assert "Let nurses work" not in sign(client, url="/actions/second").text


def test_who_is_on_record_keeps_the_own_language_whatever_page_they_act_on(app, client):
    make_petition()
    sign(client, query="?lang=es")
    assert person().language == "es"
    make_petition(slug="second")
    assert send(client, url="/actions/second", query="?lang=en").status_code == 303
    client.send(confirm_path())
    assert person().language == "es" and len(signatures()) == 2
