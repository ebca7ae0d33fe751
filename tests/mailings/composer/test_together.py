"""Autosave, history, and several people at one mailing: nothing that was typed is lost."""

from datetime import UTC, datetime, timedelta

from crm.base import clock
from crm.extensions import db
from crm.mailings.composer import revisions
from crm.mailings.composer.models import MailingEditing, MailingRevision
from crm.mailings.models import Mailing
from tests.mailings.composer.makers import form_of, heading, make_blocks


def only() -> Mailing:
    db.session.rollback()
    return db.session.query(Mailing).one()


def url(mailing, page="edit"):
    return f"/staff/mailings/{mailing.id}/{page}"


def test_autosave_answers_with_the_new_version_and_goes_on_from_it(as_alice):
    mailing = make_blocks(heading("One"))
    sent = form_of(as_alice.page(url(mailing)).text)
    answer = as_alice.post(url(mailing, "autosave"), data=sent | {"b.0.text": "Two", "subject": ""})
    assert answer.status_code == 200
    assert (only().blocks[0]["text"], only().subject, answer.json["version"]) == ("Two", "", 2)
    again = sent | {"version": answer.json["version"], "opened": answer.json["opened"], "b.0.text": "Three"}
    assert as_alice.post(url(mailing, "autosave"), data=again).status_code == 200
    assert only().blocks[0]["text"] == "Three"


def test_a_page_never_collides_with_itself(as_alice):
    mailing = make_blocks(heading("One"))
    sent = form_of(as_alice.page(url(mailing)).text)
    assert as_alice.post(url(mailing, "autosave"), data=sent | {"b.0.text": "Two"}).status_code == 200
    # Its answer was lost, so the page does not know of the new version.
    assert as_alice.post(url(mailing, "autosave"), data=sent | {"b.0.text": "Three"}).status_code == 200
    assert "Saved." in as_alice.send(url(mailing), sent | {"b.0.text": "Four", "then": "edit"}).text
    assert only().blocks[0]["text"] == "Four"


def test_what_cannot_be_saved_by_itself_says_why(as_alice):
    mailing = make_blocks(heading("One"))
    sent = form_of(as_alice.page(url(mailing)).text)
    answer = as_alice.post(url(mailing, "autosave"), data=sent | {"subject": "x" * 300})
    assert answer.status_code == 422
    assert "under 200 characters" in answer.json["message"]
    assert only().subject == "Licensing moves"


def test_the_second_of_two_sees_both_and_replaces_what_she_means_to(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    hers = form_of(as_alice.page(url(mailing)).text) | {"b.0.text": "By Alice"}
    his = form_of(as_oscar.page(url(mailing)).text) | {"b.0.text": "By Oscar"}
    as_oscar.send(url(mailing), his)
    answer = as_alice.post(url(mailing, "autosave"), data=hers)
    assert (answer.status_code, only().blocks[0]["text"]) == (409, "By Oscar")
    assert "Nothing of yours is lost" in answer.json["message"]
    page = as_alice.send(url(mailing), hers)
    assert "Somebody else saved" in page.text
    assert "By Oscar" in page.text
    again = form_of(page.text)
    assert again["b.0.text"] == "By Alice"
    as_alice.send(url(mailing), again)
    assert only().blocks[0]["text"] == "By Alice"


def test_two_who_write_in_two_languages_do_not_collide(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    as_alice.send(url(mailing), form_of(as_alice.page(url(mailing)).text) | {"then": "add:es"})
    hers = form_of(as_alice.page(url(mailing)).text) | {"b.0.text": "English"}
    his = form_of(as_oscar.page(url(mailing, "edit?text=es")).text) | {"b.0.text": "Español"}
    assert as_oscar.post(url(mailing, "autosave?text=es"), data=his).status_code == 200
    assert as_alice.post(url(mailing, "autosave"), data=hers).status_code == 200
    assert (only().blocks[0]["text"], only().texts[0].blocks[0]["text"]) == ("English", "Español")


def test_who_else_has_it_open_is_told_with_the_time(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    assert as_oscar.post(url(mailing, "open"), data={"key": "his"}).json["others"] == []
    (other,) = as_alice.post(url(mailing, "open"), data={"key": "hers"}).json["others"]
    assert other["name"] == "Oscar Organizer"
    assert "Oscar Organizer has this mailing open" in as_alice.page(url(mailing)).text
    as_oscar.post(url(mailing, "open"), data={"key": "his", "closed": "1"})
    assert "has this mailing open" not in as_alice.page(url(mailing)).text
    as_oscar.post(url(mailing, "open"), data={"key": "his"})
    db.session.query(MailingEditing).update({"seen_at": clock.now() - timedelta(minutes=5)})
    assert "has this mailing open" not in as_alice.page(url(mailing)).text


def test_somebody_with_several_windows_is_told_once(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    for key in ("one", "two"):
        as_oscar.post(url(mailing, "open"), data={"key": key})
    assert as_alice.page(url(mailing)).text.count("Oscar Organizer has this mailing open") == 1


def test_nobody_closes_the_page_of_another(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    as_oscar.post(url(mailing, "open"), data={"key": "his"})
    as_alice.post(url(mailing, "open"), data={"key": "his", "closed": "1"})
    assert db.session.query(MailingEditing).count() == 1


def test_what_is_written_in_one_sitting_is_one_revision(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    for text in ("Two", "Three"):
        sent = form_of(as_alice.page(url(mailing)).text)
        as_alice.post(url(mailing, "autosave"), data=sent | {"b.0.text": text})
    assert db.session.query(MailingRevision).count() == 2
    db.session.query(MailingRevision).update({"begun_at": clock.now() - timedelta(hours=1)})
    sent = form_of(as_alice.page(url(mailing)).text)
    as_alice.post(url(mailing, "autosave"), data=sent | {"b.0.text": "Four"})
    sent = form_of(as_oscar.page(url(mailing)).text)
    as_oscar.post(url(mailing, "autosave"), data=sent | {"b.0.text": "Five"})
    assert db.session.query(MailingRevision).count() == 4


def test_the_history_lists_shows_and_brings_back(as_alice):
    mailing = make_blocks(heading("First words"))
    sent = form_of(as_alice.page(url(mailing)).text)
    as_alice.send(url(mailing), sent | {"b.0.text": "Later words", "subject": "Later"})
    page = as_alice.page(url(mailing, "history"))
    assert "The subject; the text" in page.text
    assert "Alice Admin" in page.text
    first = revisions.of(only())[-1]
    place = url(mailing, f"history/{first.id}")
    assert "Let it say this again" in as_alice.page(place).text
    assert "First words" in as_alice.get(f"{place}/preview").text
    as_alice.send(f"{place}/restore")
    assert (only().blocks[0]["text"], only().subject) == ("First words", "Licensing moves")
    assert db.session.query(MailingRevision).count() == 3


def test_the_history_is_told_by_the_clock_of_whoever_reads_it(as_alice):
    mailing = make_blocks(heading("First words"))
    db.session.query(MailingRevision).update({"at": datetime(2026, 1, 15, 3, 30, tzinfo=UTC)})
    db.session.commit()
    first = revisions.of(only())[0]
    for page in ("history", f"history/{first.id}"):
        assert "Jan 14, 2026, 22:30" in as_alice.page(url(mailing, page)).text
    assert "Jan 14, 22:30</time>" in as_alice.page(url(mailing)).text


def test_a_mailing_of_which_nothing_is_on_record_says_so(as_alice):
    mailing = make_blocks(heading("First words"))
    db.session.query(MailingRevision).delete()
    db.session.commit()
    assert "Nothing is on record yet" in as_alice.page(url(mailing, "history")).text


def test_a_scheduled_mailing_is_not_taken_back_in_time(as_alice):
    mailing = make_blocks(heading("First words"))
    sent = form_of(as_alice.page(url(mailing)).text)
    as_alice.send(url(mailing), sent | {"b.0.text": "Later words"})
    only().state = "scheduled"
    db.session.commit()
    first = revisions.of(only())[-1]
    assert "Let it say this again" not in as_alice.page(url(mailing, f"history/{first.id}")).text
    assert "This mailing is scheduled" in as_alice.send(url(mailing, f"history/{first.id}/restore")).text
    assert only().blocks[0]["text"] == "Later words"


def test_the_revision_of_another_mailing_is_not_found(as_alice):
    mailing, other = make_blocks(heading("One")), make_blocks(heading("Two"))
    first = revisions.of(other)[0]
    assert as_alice.get(url(mailing, f"history/{first.id}")).status_code == 404


def test_only_the_last_hundred_are_kept(app):
    mailing = make_blocks(heading("One"))
    for number in range(revisions.KEPT + 5):
        mailing.subject = f"Number {number}"
        revisions.keep(mailing)
    found = revisions.of(mailing)
    assert len(found) == revisions.KEPT
    assert found[0].content["subject"] == f"Number {revisions.KEPT + 4}"
