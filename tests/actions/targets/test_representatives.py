"""The look-up by ZIP code: who represents it, what is asked where it lies in several districts, by which channel."""

import re
from html import unescape

import pytest

from crm.actions.targets import channels, representatives
from crm.actions.targets.models import Target
from crm.actions.targets.recipients import Home, offered
from crm.contacts import known
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.actions.letters.makers import (
    LETTER,
    PAGE,
    choices,
    mailed_to,
    make_action,
    make_member,
    outreach,
    send,
    ticked,
)
from tests.contacts.people import AMINA, confirm_path, hidden, path

HOUSE_FORM = "https://member.example/contact"


@pytest.fixture
def michigan(app):
    """A letter by ZIP code, two districts that share one, and a senator."""
    action = make_action(whom="zip")
    make_member("us-house:MI-5", "Five", "48104", "48105")
    make_member("us-house:MI-6", "Six", "48104")
    make_member("us-senate:MI-1", "Senate", form=HOUSE_FORM)
    make_member("us-senate:OH-1", "Ohio", form=HOUSE_FORM)
    return action


def test_a_zip_code_in_one_district_leads_to_its_members_of_both_chambers(michigan, client):
    page = client.page(f"{PAGE}?zip=48105").text
    assert "Five Member" in page and "Senate Member" in page
    assert "Six Member" not in page and "Ohio" not in page
    assert "We send nothing to them" in page and "do not have to be a citizen" in page
    assert [one.partition(":")[0] for one in choices(page)] == ["form", "phone"] and ticked(page) == []


def test_a_zip_code_in_several_districts_asks_which_and_shows_all_to_who_is_not_sure(michigan, client):
    page = client.page(f"{PAGE}?zip=48104-1234").text
    assert "MI-5" in page and "Five Member" in page and "Six Member" in page and choices(page) == []
    assert "Six Member" not in client.page(f"{PAGE}?zip=48104&district=MI-5").text
    unsure = client.page(f"{PAGE}?zip=48104&district=unsure").text
    assert "Five Member" in unsure and "Six Member" in unsure and "Only one of them represents you" in unsure
    assert "MI-5" in client.page(f"{PAGE}?zip=48104&district=OH-1").text  # Not one of its own: asked again.


@pytest.mark.parametrize("typed", ["00000", "4810", "4810a", "٤٨١٠", "48104'--", "9" * 300, "99999"])
def test_a_zip_code_that_is_none_is_said_beside_the_field(michigan, client, typed):
    page = client.page(PAGE, query_string={"zip": typed}).text
    assert "We do not know this ZIP code" in page and 'aria-invalid="true"' in page and choices(page) == []


@pytest.mark.parametrize("typed", ["٤٨١٠٥", "۴۸۱۰۵", " ４８１０５-1234 ", "48105\u200f"])
def test_a_zip_code_is_found_in_the_digits_of_any_script(michigan, client, typed):
    page = client.page(PAGE, query_string={"zip": typed}).text
    assert "Five Member" in page and "ZIP code: 48105" in page


def test_an_empty_zip_code_is_said_beside_the_field_and_a_first_look_is_no_mistake(michigan, client):
    said = "Enter your ZIP code first"
    page = client.page(f"{PAGE}?zip=").text
    assert said in page and 'aria-invalid="true"' in page and choices(page) == []
    assert said not in client.page(PAGE).text
    again = re.search(r'href="([^"]+)">Another ZIP code', client.page(f"{PAGE}?zip=48104").text)[1]
    assert said not in client.page(unescape(again)).text


def test_a_member_without_form_and_number_is_named_all_the_same(michigan, client):
    make_member("us-house:AL-1", "Mobile", "36602", phone="")
    assert "no telephone number of <bdi>Mobile Member" in client.page(f"{PAGE}?zip=36602").text


def test_what_was_done_by_form_and_phone_is_kept_and_nothing_is_mailed(michigan, client):
    page = client.page(f"{PAGE}?zip=48105").text
    assert send(client, query="?zip=48105", did=choices(page), zip_code="48105").status_code == 303
    asked = client.page(confirm_path()).text
    assert "Count what I did" in asked and "Please confirm what you did" in asked and "Send my letter" not in asked
    answer = client.send(confirm_path())
    assert "Letters leave one after the other" not in answer.text
    assert "you sent it by their form" in answer.text and "you called" in answer.text
    assert sorted(one.channel for one in outreach()) == ["form", "phone"]
    assert mailed_to() == {AMINA}


def test_congress_gets_no_mail_whatever_address_is_on_record(michigan):
    member = make_member("us-house:AL-1", "Mobile", "36602")
    member.contact.email = "rep@campaign.example"
    (one,) = offered(michigan, Home.of("36602"))
    assert one.channels == {"phone": "202-225-0001"}
    assert channels.of_influencer(member, use_email=True) == {"phone": "202-225-0001"}
    for address in ("x@mail.house.gov", "x@SENATE.gov", "x@warren.senate.gov.", "x@house.gov"):
        assert not channels.takes_mail(address)
    assert channels.takes_mail("x@house.mi.gov") and channels.takes_mail("x@notsenate.gov.example")


@pytest.mark.parametrize(
    ("role", "body", "mailed"),
    [
        ("Senator", "", False),
        ("Representative from Ohio", "House of Representatives", False),
        ("Congresswoman", "", False),
        ("Member of Congress", "", False),
        ("Chair", "United States Congress", False),
        ("Senator", "Michigan Senate", True),
        ("Representative of the nurses", "", True),
        ("State Representative", "House of Representatives", True),
        ("Director", "Congress of Nurses", True),
    ],
)
def test_members_of_congress_are_known_by_what_they_are_called(app, role, body, mailed):
    one = factories.make_influencer(role=role, body=body)
    one.contact.email = "one@office.example"
    assert ("email" in channels.of_influencer(one, use_email=True)) == mailed
    own = Target(name="One", title=role, organization=body, email="one@office.example", web_form="", phone="")
    assert ("email" in channels.of_own(own)) == mailed


def test_who_holds_a_seat_in_congress_gets_no_mail_whatever_they_are_called(app):
    one = make_member("us-senate:MI-1", "Somebody")
    one.external_id, one.role, one.body = None, "Chair", "Committee on Health"
    one.contact.email = "one@office.example"
    db.session.flush()
    assert "email" not in channels.of_influencer(one, use_email=True)


def test_a_former_member_and_one_whom_another_member_keeps_are_left_out(michigan):
    five = make_member("us-house:MI-7", "Seven", "48000")
    assert [key for _, key in representatives.holding([representatives.Seat("MI", 7)], "house", None)] == [
        "us-house:MI-7"
    ]
    five.organization_id = factories.make_organization("North").id
    assert representatives.holding([representatives.Seat("MI", 7)], "house", None) == []
    assert len(representatives.holding([representatives.Seat("MI", 7)], "house", five.organization_id)) == 1


def test_who_is_known_and_lives_elsewhere_now_is_led_on_to_the_offices_of_the_zip_code_they_gave(michigan, app, client):
    amina = factories.make_contact(AMINA, first_name="Amina", zip_code="60601", topics={"research": "active"})
    db.session.commit()
    with app.test_request_context():
        link = path(known.link(amina.id, "letter", michigan.id))
    html = client.page(f"{link}&zip=48104&district=MI-5").text
    form, phone = choices(html)
    page = client.send(PAGE, {**hidden(html), **LETTER, "did": [form]})
    assert "Five Member" in page.text and "Six Member" not in page.text
    page = client.send(page.request.path, {"did": phone})
    assert "you called" in page.text and [one.channel for one in outreach()] == ["form", "phone"]


def test_who_gets_a_link_forwarded_reads_no_zip_code_and_its_owner_writes_by_the_one_on_record(michigan, app, client):
    amina = factories.make_contact(AMINA, first_name="Amina", zip_code="48105", topics={"research": "active"})
    db.session.commit()
    with app.test_request_context():
        link = path(known.link(amina.id, "letter", michigan.id))
    html = client.page(link).text
    assert "48105" not in html and "gave us before" in html
    page = client.send(PAGE, {**hidden(html), **LETTER, "did": choices(html)[:1]})
    assert len(outreach()) == 1 and "Five Member" in page.text
    amina = db.session.get(Contact, amina.id)
    amina.zip_code = "48104"
    db.session.commit()
    html = client.page(link).text
    assert "lies in several districts" in html and "48104" not in html
    assert "48104" not in client.page(f"{link}&district=MI-5").text
