"""Getting a resource: free by a button, or for an address that was proven; never by a guess."""

import re
from datetime import timedelta

import pytest
import time_machine

from crm.base import clock, sqlite_writing
from crm.contacts import known
from crm.contacts.models import Source
from crm.extensions import db
from crm.resources import asking
from tests import factories, second_writer
from tests.contacts.people import AMINA, confirm_path, mails, path, person, topics_of
from tests.resources.makers import PDF, ask_for, make_resource, press, taken

PERSON = {"Accept-Language": "en", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}


@pytest.fixture
def gated(app):
    return make_resource(gate="address")


def file_address(answer):
    assert answer.status_code == 303 and "/resources/given/" in answer.location
    return answer.location


def test_a_free_file_is_given_by_a_button_that_counts_and_keeps_the_source(client):
    one = make_resource()
    page = client.page("/resources/idle-skills?utm_source=flyer").text
    assert 'name="utm_source" value="flyer"' in page and taken() == []
    answer = press(client, utm_source="flyer")
    [download] = taken()
    assert (download.resource_id, download.contact_id, download.source.utm_source) == (one.id, None, "flyer")
    file = client.get(answer.location)
    assert file.data == PDF and file.headers["Content-Disposition"] == "attachment; filename=idle.pdf"
    assert file.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in file.headers["Content-Security-Policy"]
    part = client.get(answer.location, headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.data) == (206, PDF[:8])
    assert client.get(answer.location, headers={"If-None-Match": file.headers["ETag"]}).status_code == 304
    assert len(taken()) == 1


def test_one_who_presses_again_and_again_gets_the_file_and_counts_ten_times_and_a_robot_never(client):
    make_resource()
    robot = client.post("/resources/idle-skills/download", data={"language": "en"}, headers={"User-Agent": "curl/8"})
    assert robot.status_code == 303 and taken() == []
    assert {press(client).status_code for _ in range(12)} == {303} and len(taken()) == 10


def test_a_gated_file_is_given_once_the_address_is_proven(client, gated):
    page = client.page("/resources/idle-skills").text
    assert "Get it by e-mail" in page and gated.files[0].token not in page
    assert client.get(f"/resources/files/{gated.files[0].token}").location == "/resources/idle-skills"
    sent = ask_for(client, "idle-skills", AMINA, first_name="Amina", organization_name="Harbor Health")
    assert sent.status_code == 303 and "Look into your mail" in client.page(sent.location).text and taken() == []
    assert "“Idle skills”" in client.page(confirm_path()).text
    place = client.post(confirm_path()).location
    assert "Download" in client.page(place).text
    [download] = taken()
    assert (download.contact_id, download.how) == (person().id, "confirmed") and topics_of() == {}
    assert person().organization_name == "Harbor Health"
    assert client.get(file_address(client.post(place, data={"language": "en"}))).data == PDF
    assert len(taken()) == 1
    subject, merge = mails()[-1]
    assert subject == "Here is what you asked for" and merge["title"] == "Idle skills"
    client.page(path(merge["link"]))


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_page_of_a_link_that_gives_names_its_address_to_nobody(client, gated):
    ask_for(client, "idle-skills", AMINA)
    head = client.page(client.post(confirm_path()).location).text.split("</head>")[0]
    assert "/get/" not in head and '<meta name="robots" content="noindex">' in head


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_button_that_is_pressed_without_end_leaves_no_row_but_those_that_count(client):
    make_resource()
    with time_machine.travel(clock.now(), tick=False):  # All in one hour, whatever the time is.
        for number in range(15):
            assert press(client, utm_source=f"made-up-{number}").status_code == 303
    assert len(taken()) == 10
    assert db.session.query(Source).filter(Source.utm_source.like("made-up-%")).count() == 10


def test_links_end_and_altered_ones_give_nothing(client, gated):
    ask_for(client, "idle-skills", AMINA)
    place = client.post(confirm_path()).location.partition("?")[0]
    other = make_resource(gate="address", title_en="Another")
    client.page(place.replace("/idle-skills/", f"/{other.slug}/"), status=410)
    client.page(place[:-3] + ("abc" if not place.endswith("abc") else "xyz"), status=410)
    address = file_address(client.post(place, data={"language": "en"}))
    client.page(address.replace("given/", "given/A"), status=404)
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        client.page(address, status=410)
        assert client.get(file_address(client.post(place, data={"language": "en"}))).data == PDF
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        assert "Ask for a new one" in client.page(place, status=410).text
        assert client.post(place, data={"language": "en"}).status_code == 410


def test_who_comes_by_a_link_of_their_mail_fills_in_nothing(client, gated):
    contact = factories.make_contact(AMINA, topics={"research": "active"})
    db.session.commit()
    link = path(known.link(contact.id, asking.KIND, gated.id))
    page = client.page(link).text
    assert "nothing to fill in" in page and 'name="email"' not in page and taken() == []
    me = re.search(r'name="me" value="([^"]+)"', page)[1]
    assert client.get(file_address(client.post("/resources/idle-skills/download", data={"me": me}))).data == PDF
    [download] = taken()
    assert (download.contact_id, download.how) == (contact.id, "known") and mails() == []
    bad = client.post("/resources/idle-skills/download", data={"me": me[:-2], "language": "en"})
    assert bad.location == "/resources/idle-skills" and len(taken()) == 1
    for _ in range(19):
        client.post("/resources/idle-skills/download", data={"me": me})
    assert "come back tomorrow" in client.send("/resources/idle-skills/download", {"me": me}, status=429).text


def test_known_and_unknown_addresses_are_answered_alike(client, gated):
    factories.make_contact(AMINA, topics={"research": "active"})
    db.session.commit()
    known_one, unknown = (ask_for(client, "idle-skills", email) for email in (AMINA, "new@mail.example"))
    assert (known_one.status_code, known_one.location) == (unknown.status_code, unknown.location)
    wrong = ask_for(client, "idle-skills", "no address", first_name="Amina")
    assert wrong.status_code == 422 and "Enter an e-mail address" in wrong.text and 'value="Amina"' in wrong.text


def test_the_page_tells_cards_how_to_cite_it_and_shows_what_is_written_safely(client):
    make_resource(body_en="## Steps\n\n<script>alert(1)</script> [here](javascript:alert(1))", transcript_en="Welcome.")
    text = client.page("/resources/idle-skills").text
    assert '<meta property="og:title" content="Idle skills">' in text and "<h2>Steps</h2>" in text
    assert "<script>alert" not in text and 'href="javascript' not in text
    assert "Delacroix, R., &amp; Bridgeway Coalition. (2026, March 9). Idle skills." in text
    bibtex = client.get("/resources/idle-skills/cite.bib").text
    assert "author = {Delacroix, Ruth and {Bridgeway Coalition}}" in bibtex
    assert "AU  - Delacroix, Ruth\r\n" in client.get("/resources/idle-skills/cite.ris").text
    client.page("/resources/idle-skills/cite.docx", status=404)


def test_each_reader_gets_the_text_of_their_language_and_other_texts_are_marked(client):
    make_resource(title_ar="مهارات معطلة", languages=["en", "ar"])
    text = client.page("/resources/idle-skills?lang=ar").text
    assert "<h1><bdi>مهارات معطلة</bdi></h1>" in text and '<p class="standfirst" lang="en" dir="ltr">Nurses' in text


def test_who_follows_a_free_link_or_comes_to_a_file_by_its_address_is_counted_once_and_nameless(client):
    make_resource(url="https://elsewhere.example/paper")
    address = press(client, utm_source="flyer").location
    assert client.get(address, headers=PERSON).status_code == 200 and len(taken()) == 1
    page = client.page("/resources/idle-skills?utm_source=poster").text
    link = re.search(r'href="(/resources/idle-skills/open[^"]*)"', page)[1]
    answer = client.get(link, headers=PERSON)
    assert (answer.status_code, answer.location) == (302, "https://elsewhere.example/paper")
    assert client.get(address.partition("?")[0], headers=PERSON).status_code == 200
    assert [(row.contact_id, row.how) for row in taken()] == [(None, "open")] * 3
    assert [row.source.utm_source for row in taken()[:2]] == ["flyer", "poster"]
    for headers in ({**PERSON, "User-Agent": "Slackbot"}, {**PERSON, "Range": "bytes=900-"}):
        assert client.get(address.partition("?")[0], headers=headers).status_code in (200, 206, 416)
        assert client.head(link, headers=PERSON).status_code == 302
    assert len(taken()) == 3


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_link_or_file_is_given_while_somebody_else_writes_and_counted_where_it_can_be(client, monkeypatch):
    one = make_resource(url="https://elsewhere.example/paper")
    places = ["/resources/idle-skills/open", f"/resources/files/{one.files[0].token}"]
    with second_writer.busy():
        assert [client.get(place, headers=PERSON).status_code for place in places] == [302, 200]
    assert len(taken()) == 2
    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    with second_writer.holding():
        assert [client.get(place, headers=PERSON).status_code for place in places] == [302, 200]
    assert len(taken()) == 2


def test_the_link_of_a_gated_resource_is_given_to_nobody_who_did_not_ask(client):
    make_resource(url="https://elsewhere.example/paper", gate="address")
    assert client.get("/resources/idle-skills/open", headers=PERSON).location == "/resources/idle-skills"
    assert taken() == []
