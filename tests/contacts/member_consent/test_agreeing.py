"""Consent for one member: proven word for word, taken back on one page, and a file that holds its people alone."""

import csv
import io
import random

import pytest

from crm.base.models import AuditEntry
from crm.contacts import leaving, links, wordings
from crm.contacts.member_consent import agreeing, export, words
from crm.contacts.merging import uniting
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.contacts.people import path
from tests.contacts.signup_forms.makers import make_form, make_member, review
from tests.questions import asked

ABOUT = {"method": "double_opt_in", "place": "/signup/stand"}


def agree(contact: Contact, *members) -> None:
    shown = words.live("en", [member.id for member in members])
    agreeing.agree(contact, [(member, shown[member.id]) for member in members], **ABOUT)
    db.session.flush()


def emails(member) -> set[str]:
    return {row["email"] for row in csv.DictReader(io.StringIO("".join(export.lines(member.id))))}


def test_of_a_thousand_contacts_each_wording_is_proven_and_each_file_holds_only_its_own(app):
    chance = random.Random(7)
    members = [make_member(f"Member {n}") for n in range(4)]
    seen, expected = {}, {member.id: set() for member in members}
    for number in range(1000):
        if number % 100 == 0:
            for member in members:
                review(member, f"Version {number} «{chance.random()}» für {member.name}  – ‏نص 🎓\u00a0.")
        contact = factories.make_contact(f"c{number}@mail.example")
        chosen = chance.sample(members, chance.randint(0, 4))
        agree(contact, *chosen)
        seen |= {(contact.id, m.id): words.live("en", [m.id])[m.id].text for m in chosen}
        for member in chosen:
            expected[member.id].add(contact.email)
        if chosen and chance.random() < 0.2:
            agreeing.take_back(contact, chosen[0].id, method="preference_page", place="preferences")
            expected[chosen[0].id].discard(contact.email)
            del seen[contact.id, chosen[0].id]
    db.session.commit()
    records = db.session.scalars(agreeing.given()).all()
    proven = {(r.contact_id, int(r.purpose.removeprefix("share:"))): r.wording.text for r in records}
    assert {key: text.encode() for key, text in proven.items()} == {key: text.encode() for key, text in seen.items()}
    assert {member.id: emails(member) for member in members} == expected


def test_each_is_taken_back_on_the_preference_page(client):
    harbor, north = make_member(), make_member("North Clinic")
    contact = factories.make_contact(topics={"research": "active"})
    agree(contact, harbor, north)
    url = path(links.preferences(contact.id))
    assert "North Clinic may have my address." in client.page(url).text
    answer = client.send(f"{url}/share", {"member": str(north.id)})
    assert "It is taken back" in answer.text and "North Clinic" not in answer.text
    assert (emails(harbor), emails(north)) == ({contact.email}, set())
    assert client.send(f"{url}/share", {"member": "999"}).status_code == 200


def test_a_members_own_users_take_the_file_of_their_organization_alone(client_of, as_alice, as_bob):
    harbor, north = make_member(), make_member("North Clinic")
    agree(factories.make_contact("=cmd@mail.example", first_name="=1+1"), harbor)
    ada = client_of(factories.make_user("organizer", organization_id=harbor.id))
    page = ada.page("/staff/sharing/").text
    assert "Harbor College" in page and "North Clinic" not in page
    text = ada.post(f"/staff/sharing/{harbor.id}/export").text
    assert "'=1+1" in text and "Harbor College may have my address." in text
    assert ada.post(f"/staff/sharing/{north.id}/export").status_code == 403
    assert as_bob.post(f"/staff/sharing/{harbor.id}/export").status_code == 403
    as_alice.page("/staff/sharing/")
    entry = db.session.query(AuditEntry).filter_by(verb="export").one()
    assert (entry.thing, entry.thing_id, entry.changes["people"]) == ("organization", harbor.id, 1)


def test_who_left_all_mail_is_in_no_file(app):
    member, contact = make_member(), factories.make_contact(topics={"research": "active"})
    agree(contact, member)
    leaving.unsubscribe(contact, None, method="unsubscribe_page")
    db.session.commit()
    assert emails(member) == set() and export.count(member.id) == 0


@pytest.mark.parametrize("keeps_address", [True, False])
def test_a_merge_raises_no_consent_to_share(app, alice, keeps_address):
    member = make_member()
    kept, gone = factories.make_contact("kept@mail.example"), factories.make_contact("gone@mail.example")
    agree(gone, member)
    db.session.commit()
    uniting.merge(kept.id, gone.id, [] if keeps_address else ["email"], alice)
    db.session.commit()
    assert emails(member) == (set() if keeps_address else {"gone@mail.example"})


def test_nobody_is_asked_for_a_member_before_a_named_person_stands_for_the_words(app, as_alice):
    member = factories.make_organization("Harbor College", is_member=True)
    assert words.live("en", [member.id]) == {}
    page = as_alice.page(f"/staff/settings/consent?purpose={words.purpose_of(member.id)}").text
    assert "Bridgeway Coalition may pass on my name" in page and "to Harbor College" in page
    assert as_alice.get("/staff/settings/consent?purpose=share:999").status_code == 404
    wordings.draft("en", "Text", words.purpose_of(member.id))
    assert words.live("en", [member.id]) == {}


def test_one_query_reads_the_words_of_all_members(client, as_alice):
    form = make_form(members=[make_member().id])
    pages = [(as_alice, "/staff/sharing/"), (as_alice, f"/staff/forms/{form.id}"), (client, f"/signup/{form.slug}")]
    counts = []
    for names in ((), ("North Clinic", "South Clinic", "West Clinic")):
        form.members = [*form.members, *(make_member(name).id for name in names)]
        for browser, url in pages:
            browser.page(url)
        with asked() as statements:
            texts = [browser.page(url).text for browser, url in pages]
        counts.append(len(statements))
    assert counts[0] == counts[1] and "West Clinic may have my address." in texts[2]
