"""Pages that staff write in blocks: drafts, publishing, languages, history, stories, and what visitors read."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock
from crm.extensions import db
from crm.site.pages import keeping
from crm.site.pages.models import SitePage
from tests.site.pages.makers import at_once, blocks_as_typed, make_page, make_picture


def test_a_page_is_written_in_blocks_and_read_once_it_is_published(app, as_alice, client):
    as_alice.send("/staff/site/new", {"kind": "page", "title": "How a license is won", "language": "en"})
    page = db.session.query(SitePage).one()
    text = [
        {"kind": "heading", "text": "Five steps", "level": "1"},
        {"kind": "text", "html": "<p>First <b>one</b>.</p>"},
    ]
    typed = {"title": "How a license is won", "description": "In five steps.", "slug": "license", "version": "1"}
    as_alice.send(f"/staff/site/{page.id}", typed | blocks_as_typed(text) | {"then": "preview"})
    assert "This is a preview" in as_alice.page(f"/staff/site/{page.id}/preview").text
    assert client.get("/pages/license").status_code == 404
    as_alice.send(f"/staff/site/{page.id}", typed | blocks_as_typed(text) | {"version": "2", "then": "publish"})
    shown = client.page("/pages/license").text
    assert "<h2>Five steps</h2>" in shown and "<p>First <b>one</b>.</p>" in shown
    assert '<meta name="description" content="In five steps.">' in shown
    assert "http://crm.example/pages/license" in client.get("/sitemap.xml").text


def test_a_button_changes_the_blocks_and_saves_nothing(app, as_alice):
    page = make_page(blocks=[])
    answer = as_alice.send(f"/staff/site/{page.id}", {"title": "Typed", "b.n": "0", "do": "add:b:0:quote"})
    assert 'name="b.0.kind" value="quote"' in answer.text and 'value="Typed"' in answer.text
    assert page.content["en"]["title"] == "Fair licensing" and page.version == 1


def test_what_is_not_whole_is_saved_and_not_published(app, as_alice, client):
    page = make_page(blocks=[])
    typed = {"title": "Fair", "slug": page.slug, "version": "1", "then": "publish"}
    fields = [{"kind": "text", "html": "<p>Dear {{ first_name }}</p>"}, {"kind": "button", "text": "Go", "url": ""}]
    answer = as_alice.send(f"/staff/site/{page.id}", typed | blocks_as_typed(fields))
    assert "merge field" in answer.text and "Leads to is empty" in answer.text
    assert page.shown is None and page.content["en"]["title"] == "Fair"
    assert client.get(f"/pages/{page.slug}").status_code == 404


def test_who_saves_second_loses_nothing_and_replaces_nothing(app, as_alice):
    page = make_page(blocks=[])
    first = {"title": "Mine", "slug": page.slug, "b.n": "0", "version": "1", "then": "edit"}
    as_alice.send(f"/staff/site/{page.id}", first)
    answer = as_alice.send(f"/staff/site/{page.id}", first | {"title": "Theirs"}, status=409)
    assert "Somebody saved this page" in answer.text and 'value="Theirs"' in answer.text
    assert page.content["en"]["title"] == "Mine"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_organizer_writes_and_an_admin_publishes(app, as_oscar):
    page = make_page(blocks=[])
    typed = {"title": "New words", "slug": page.slug, "b.n": "0", "version": "1", "then": "publish"}
    assert "Save and publish" not in as_oscar.page(f"/staff/site/{page.id}").text
    as_oscar.send(f"/staff/site/{page.id}", typed)
    assert page.content["en"]["title"] == "New words" and page.shown is None


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_page_comes_in_the_reader_s_language_or_marked_in_another(app, as_alice, client):
    page = make_page(shown=True)
    assert '<article lang="en" dir="ltr">' in client.page(f"/pages/{page.slug}?lang=ar").text
    as_alice.send(
        f"/staff/site/{page.id}",
        {"title": "Fair licensing", "slug": page.slug, "b.n": "0", "version": "1", "then": "add:es"},
    )
    spanish = {"title": "Licencias justas", "b.n": "0", "version": str(page.version), "then": "publish"}
    as_alice.send(f"/staff/site/{page.id}?text=es", spanish)
    text = client.page(f"/pages/{page.slug}?lang=es").text
    assert "<h1><bdi>Licencias justas</bdi></h1>" in text and "<article>" in text
    assert f'hreflang="es" href="http://crm.example/pages/{page.slug}?lang=es"' in text
    assert 'hreflang="ar"' not in text.split("</head>")[0]


def test_a_draft_goes_back_to_what_it_said_before(app, as_alice):
    page = make_page(blocks=[])
    as_alice.send(
        f"/staff/site/{page.id}", {"title": "Other", "slug": page.slug, "b.n": "0", "version": "1", "then": "edit"}
    )
    history = as_alice.page(f"/staff/site/{page.id}/history").text
    number = history.split("revision=")[-1].split('"')[0]
    assert "Fair licensing" in as_alice.page(f"/staff/site/{page.id}/preview?revision={number}").text
    as_alice.send(f"/staff/site/{page.id}/history/{number}/restore")
    assert page.content["en"]["title"] == "Fair licensing"
    other = make_page(slug="other", blocks=[])
    assert as_alice.get(f"/staff/site/{other.id}/preview?revision={number}").status_code == 404


def test_a_story_needs_the_word_of_who_lived_it_and_is_gone_everywhere_once_withdrawn(app, as_alice, client):
    page = make_page("story", slug="wheel", blocks=[])
    typed = {"title": "Behind the wheel", "slug": "wheel", "b.n": "0", "then": "publish"}
    assert "Say who agreed" in as_alice.send(f"/staff/site/{page.id}", typed | {"version": "1"}).text
    assert client.get("/stories/wheel").status_code == 404
    agreed = {"agreed_by": "Told on paper, drawer 3", "agreed_on": "2026-10-02", "version": str(page.version)}
    as_alice.send(f"/staff/site/{page.id}", typed | agreed)
    everywhere = ["/stories/", "/sitemap.xml", "/"]
    assert "Behind the wheel" in client.page("/stories/").text and "/stories/" in client.page("/").text
    assert "drawer 3" not in client.page("/stories/wheel").text
    as_alice.send(f"/staff/site/{page.id}/withdraw")
    assert client.page("/stories/wheel", status=410)
    for address in everywhere:
        text = client.get(address).text
        assert "Behind the wheel" not in text and "/stories/wheel" not in text, address


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_draft_changes_neither_the_name_nor_the_address_nor_the_word_of_a_story_that_visitors_read(
    app, as_alice, as_oscar, client
):
    page = make_page("story", slug="wheel", blocks=[])
    typed = {"title": "Behind the wheel", "slug": "wheel", "b.n": "0", "agreed_by": "On paper", "then": "publish"}
    typed["agreed_on"] = "2026-10-02"
    as_alice.send(f"/staff/site/{page.id}", typed | {"version": "1"})
    named = typed | {"signed": "Amina Haddad", "slug": "taxi", "version": str(page.version), "then": "edit"}
    as_oscar.send(f"/staff/site/{page.id}", named)
    assert "Amina Haddad" not in client.page("/stories/wheel").text + client.page("/stories/").text
    assert "Amina Haddad" in as_oscar.page(f"/staff/site/{page.id}/preview").text
    assert "with changes that are not" in as_oscar.page("/staff/site/").text
    unsaid = named | {"agreed_by": "", "version": str(page.version)}
    assert "Take the story off the site first" in as_oscar.send(f"/staff/site/{page.id}", unsaid, status=422).text
    as_alice.send(f"/staff/site/{page.id}", named | {"version": str(page.version), "then": "publish"})
    assert "Amina Haddad" in client.page("/stories/wheel").text and "Amina Haddad" in client.page("/stories/").text
    overview = as_alice.page("/staff/site/").text
    assert "with changes that are not" not in overview and "Table: Stories" in overview


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_home_about_and_privacy_are_whole_without_staff_and_say_what_staff_write(app, as_alice, client):
    standard = client.page("/about").text
    assert "We help immigrant professionals" in standard and "12 Harbor Street" in standard
    for name, path in (("about", "/about"), ("home", "/"), ("privacy", "/privacy")):
        as_alice.send(f"/staff/site/fixed/{name}")
        page = db.session.query(SitePage).filter_by(fixed=name).one()
        text = [{"kind": "text", "html": f"<p>Written for {name}.</p>"}]
        values = {"title": "About us", "version": "1", "then": "publish"}
        as_alice.send(f"/staff/site/{page.id}", values | blocks_as_typed(text))
        assert f"Written for {name}." in client.page(path).text
    assert 'name="email"' in client.page("/").text
    assert as_alice.post("/staff/site/fixed/other").status_code == 404


def test_two_who_open_the_home_page_at_once_write_one_even_beside_a_page_of_that_name(app):
    keeping.begin("page", "en", "Home")
    db.session.commit()
    first, second = at_once(app, lambda: keeping.fixed("home").id)
    assert first == second and db.session.get_one(SitePage, first).slug == "home-2"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_head_of_the_home_page_says_what_staff_wrote_in_the_readers_language(app, client):
    page = keeping.fixed("home")
    text = {"title": "Licenses for nurses", "description": "What we ask of the state.", "blocks": []}
    keeping.save(page, "en", text, page.version)
    keeping.publish(page)
    english = client.page("/").text.partition("</head>")[0]
    assert "<title>Licenses for nurses" in english and 'property="og:title" content="Licenses for nurses"' in english
    assert english.count('content="What we ask of the state."') == 2
    assert "nurses" not in client.page("/?lang=es").text
    keeping.save(page, "en", {**text, "title": "Home"}, page.version)
    keeping.publish(page)
    assert "<title>Bridgeway Coalition</title>" in client.page("/").text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_picture_that_a_page_shows_keeps_its_room_and_is_not_deleted(app, as_alice, client):
    picture = make_picture()
    blocks = [{"kind": "image", "picture": picture.public_id, "alt": "A ward at night", "decorative": False, "url": ""}]
    page = make_page(blocks=blocks, shown=True)
    text = client.page(f"/pages/{page.slug}").text
    assert f'width="{picture.width}" height="{picture.height}" alt="A ward at night"' in text
    assert 'property="og:image" content="http://crm.example/pictures/' in text
    answer = as_alice.send(f"/staff/mailings/pictures/{picture.public_id}/delete")
    assert "“Fair licensing” on the website shows it" in answer.text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_news_are_posts_and_mailings_by_date_and_come_as_a_feed(app, client):
    now = clock.now()
    with time_machine.travel(now - timedelta(days=3), tick=False):
        make_page("post", slug="older", title="Three boards answer", shown=True)
    make_page("post", slug="newer", title="A clinic counts", shown=True)
    make_page("post", slug="draft", title="Not yet", blocks=[])
    page = client.page("/news/").text
    assert page.index("A clinic counts") < page.index("Three boards answer") and "Not yet" not in page
    feed = client.get("/news/feed.xml")
    assert feed.mimetype == "application/atom+xml" and "Three boards answer" in feed.text
    assert client.get("/news/feed.xml", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    assert "A clinic counts" in client.page("/").text
    assert client.page("/news/older")
