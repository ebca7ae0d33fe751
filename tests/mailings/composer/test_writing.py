"""The page where a mailing is written in blocks, without scripts."""

import io

from PIL import Image

from crm.extensions import db
from crm.mailings import markup
from crm.mailings.models import Mailing
from tests.corpora import scripting
from tests.mailings.composer.makers import columns, form_of, heading, make_blocks, text
from tests.mailings.makers import make_people


def only() -> Mailing:
    db.session.rollback()
    return db.session.query(Mailing).one()


def edit(mailing, query=""):
    return f"/staff/mailings/{mailing.id}/edit{query}"


def test_a_mailing_begins_with_its_kind(as_alice):
    page = as_alice.page("/staff/mailings/new")
    for words in ("Call to action", "Sharing tools", "Thought leadership", "Newsletter", "write in Markdown instead"):
        assert words in page.text
    page = as_alice.send("/staff/mailings/begin", {"kind": "newsletter", "language": "es"})
    assert "A draft is begun" in page.text
    made = only()
    assert (made.kind, made.language, made.markup) == ("newsletter", "es", "blocks")
    assert made.blocks
    assert as_alice.post("/staff/mailings/begin", data={"kind": "poem"}).status_code == 400


def test_markdown_stays_as_a_second_way(as_alice):
    page = as_alice.page("/staff/mailings/new?write=markdown&kind=thought_leadership")
    assert "How to write it" in page.text
    assert 'selected value="thought_leadership"' in page.text


def test_blocks_are_added_written_and_saved_without_scripts(as_alice):
    mailing = make_blocks()
    sent = form_of(as_alice.page(edit(mailing)).text)
    sent = form_of(as_alice.send(edit(mailing), sent | {"do": "add:b:0:text"}).text)
    sent = form_of(as_alice.send(edit(mailing), sent | {"do": "add:b:1:columns"}).text)
    sent = form_of(as_alice.send(edit(mailing), sent | {"do": "add:b.1.0:0:heading"}).text)
    assert only().blocks == []
    sent |= {"b.0.html.md": "Dear **all**", "b.1.0.0.text": "Left", "subject": "Written", "then": "edit"}
    assert "Saved." in as_alice.send(edit(mailing), sent).text
    saved = only()
    assert saved.subject == "Written"
    assert saved.blocks[0]["html"] == "<p>Dear <strong>all</strong></p>"
    assert saved.blocks[1]["columns"][0][0]["text"] == "Left"


def test_what_is_typed_survives_every_button(as_alice):
    mailing = make_blocks(heading("One"), text("<p>Two</p>"))
    sent = form_of(as_alice.page(edit(mailing)).text)
    sent |= {"b.0.text": "Typed", "b.1.html.md": "Typed too", "subject": "Unsaved"}
    page = as_alice.send(edit(mailing), sent | {"do": "move:1:b:0"})
    assert "Text moved to place 1 of 2" in page.text
    sent = form_of(page.text)
    assert (sent["b.0.html.md"], sent["b.1.text"], sent["subject"]) == ("Typed too", "Typed", "Unsaved")
    page = as_alice.send(edit(mailing), sent | {"do": "remove:1"})
    assert "Bring it back" in page.text
    page = as_alice.send(edit(mailing), form_of(page.text) | {"do": "restore"})
    assert form_of(page.text)["b.1.text"] == "Typed"


def test_with_scripts_only_the_list_is_exchanged(as_alice):
    mailing = make_blocks(heading("One"))
    sent = form_of(as_alice.page(edit(mailing)).text) | {"do": "duplicate:0"}
    part = as_alice.post(edit(mailing), data=sent, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert part.count('value="One"') == 2
    assert 'data-said="Heading duplicated."' in part


def test_the_html_of_an_editor_is_cleaned_when_it_is_saved(as_alice):
    mailing = make_blocks(text("<p>x</p>"))
    sent = form_of(as_alice.page(edit(mailing)).text)
    del sent["b.0.html.md"]
    word = '<p class="MsoNormal" style="color:red"><o:p></o:p>Hi<script>alert(1)</script><b onclick="x()">!</b></p>'
    as_alice.send(edit(mailing), sent | {"b.0.html": word})
    assert only().blocks[0]["html"] == "<p>Hi<b>!</b></p>"


def test_nothing_that_is_typed_runs_on_the_page(as_alice):
    vector = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    mailing = make_blocks(heading(vector), text(f"<p>{vector}</p>"), columns([heading(vector)], []), subject="x")
    page = as_alice.page(edit(mailing)).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    for one in scripting.OTHERS[:40]:
        sent = form_of(page) | {"b.0.text": one, "b.1.html": one, "do": "show"}
        assert "<script>alert" not in as_alice.send(edit(mailing), sent).text.lower(), one


def test_five_megabytes_are_refused_in_words_and_the_draft_is_kept(as_alice):
    mailing = make_blocks(text("<p>Kept</p>"))
    sent = form_of(as_alice.page(edit(mailing)).text)
    page = as_alice.send(edit(mailing), sent | {"b.0.html.md": "word " * 1_000_000, "subject": "Typed"})
    assert f"A mailing can have {markup.MAX_CHARACTERS:,}" in page.text
    assert "word word word" in page.text
    assert 'value="Typed"' in page.text
    assert only().blocks[0]["html"] == "<p>Kept</p>"


def test_a_picture_comes_with_the_form_and_a_drawing_with_a_script_does_not(as_alice):
    mailing = make_blocks({"kind": "image", "alt": "A bridge"})
    sent = form_of(as_alice.page(edit(mailing)).text)
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(drawn, "PNG")
    hostile = (io.BytesIO(b"<svg onload='alert(1)'/>"), "x.svg")
    page = as_alice.send(edit(mailing), {**sent, "subject": "Typed", "b.0.picture.file": hostile})
    assert "JPEG, PNG, GIF or WebP" in page.text
    assert 'value="Typed"' in page.text
    assert only().blocks[0]["picture"] == ""
    drawn.seek(0)
    as_alice.send(edit(mailing), {**sent, "b.0.picture.file": (drawn, "bridge.png")})
    assert len(only().blocks[0]["picture"]) == 32
    page = as_alice.page(edit(mailing))
    assert "-small" not in page.text
    assert f"/pictures/{only().blocks[0]['picture']}" in page.text


def test_the_preview_shows_the_typed_blocks_for_a_contact(as_alice):
    person = make_people(1, first_name="Amina")[0]
    mailing = make_blocks(text("<p>x</p>"))
    sent = form_of(as_alice.page(edit(mailing)).text)
    sent |= {"b.0.html.md": "Dear {{ first_name }}", "as_contact": person.email}
    assert "Dear Amina" in as_alice.post("/staff/mailings/preview", data=sent).text
    assert "Dear Amina" in as_alice.post("/staff/mailings/preview", data=sent | {"view": "text"}).text
    assert only().blocks[0]["html"] == "<p>x</p>"


def test_an_arabic_text_is_typed_from_right_to_left(as_alice):
    mailing = make_blocks(heading("مرحبا"), language="ar")
    page = as_alice.page(edit(mailing)).text
    assert 'name="b.0.text" value="مرحبا" autocomplete="off" lang="ar" dir="rtl"' in page


def test_a_member_who_may_only_look_finds_no_way_in(as_bob):
    mailing = make_blocks(heading("x"))
    assert as_bob.get(edit(mailing)).status_code == 403
    assert as_bob.post(f"/staff/mailings/{mailing.id}/autosave").status_code == 403
