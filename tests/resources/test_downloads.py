"""What becomes of downloads: the report and its files, segments, sequences, goals, mailings, merges."""

import re
from datetime import timedelta
from html import unescape

from crm.actions.models import Action
from crm.base import clock
from crm.base.acted import acted
from crm.base.block_kinds import made
from crm.base.digest_news import news
from crm.base.public_pages import public_url
from crm.base.registries import metrics
from crm.base.triggers import triggers
from crm.contacts import known, segments, sources
from crm.contacts.forgetting import forgetting
from crm.extensions import db
from crm.mailings.blocks.telling import basic
from crm.mailings.reading import trails
from crm.mailings.reading.counting import Followed
from crm.resources import downloads
from tests import factories
from tests.actions.makers import make_petition, send
from tests.contacts.people import confirm_path, hidden, path
from tests.mailings.makers import make_mailing
from tests.resources.makers import make_resource, press, taken


def take(resource, contact, **trail):
    source_id = sources.of_visit(sources.Trail(**trail))
    downloads.by_contact(resource, contact, downloads.CONFIRMED, language="en", source_id=source_id)
    db.session.commit()
    return source_id


def test_the_report_counts_by_resource_source_and_organization_and_each_number_opens_its_people(as_alice, as_bob):
    one = make_resource()
    amina = factories.make_contact("amina@mail.example", organization_name="Harbor Health")
    take(one, amina, utm_source="flyer")
    take(one, amina, utm_source="flyer")
    take(one, factories.make_contact("omar@mail.example", organization_name="harbor health"))
    page = as_bob.page("/staff/library/downloads/").text
    for words in ("Idle skills", "flyer", "Harbor Health"):
        assert words in page
    assert len(taken()) == 2 and "XLSX" not in page
    people = as_bob.page("/staff/library/downloads/people?organization=harbor+health").text
    assert amina.name in people and "1–2 of 2" in people
    assert as_bob.post("/staff/library/downloads/csv").status_code == 403
    text = as_alice.post("/staff/library/downloads/csv").text
    assert "amina@mail.example" in text and text.count("Idle skills") == 2
    assert as_alice.post(f"/staff/library/downloads/xlsx?resource={one.id}").data.startswith(b"PK")


def test_a_digest_tells_of_what_was_published_since_the_last_one(app):
    make_resource(title_es="Talento parado"), make_resource(title_en="Draft", published=False)
    now = clock.now()
    found = news["resources"].find(now - timedelta(hours=1), now + timedelta(hours=1), "es")
    assert [(one.title, one.summary, one.path) for one in found] == [
        ("Talento parado", "Nurses who drive taxis.", "/resources/idle-skills")
    ]
    assert news["resources"].find(now - timedelta(days=2), now - timedelta(days=1), "es") == []


def test_the_nameless_are_counted_and_never_listed(client, as_bob):
    make_resource()
    press(client)
    assert "1 more download is of visitors whom nobody knows" in as_bob.page("/staff/library/downloads/people").text


def test_downloads_make_segments_begin_sequences_count_for_goals_and_are_credited(app):
    one, other = make_resource(), make_resource(title_en="Another")
    amina, omar = factories.make_contact(), factories.make_contact()
    source_id = take(one, amina, utm_source="flyer")
    now = clock.now()

    def found(field, test, value):
        rule = {"field": field, "test": test, "value": value}
        return set(db.session.scalars(segments.select({"op": "and", "items": [rule]})))

    assert found("downloaded", "is", str(one.id)) == {amina.id} and found("downloaded", "is", str(other.id)) == set()
    assert found("downloaded_last", "last_days", "7") == {amina.id}
    assert found("downloads", "at_most", "0") == {omar.id}
    rows = db.session.execute(triggers["downloaded"].who(str(one.id), now - timedelta(hours=1))).all()
    assert [row[0] for row in rows] == [amina.id]
    assert metrics["downloads"].count(now - timedelta(hours=1), now + timedelta(hours=1)) == 1
    assert metrics["downloads"].by_day(now - timedelta(hours=1), now + timedelta(hours=1))[0][1:] == ("flyer", 1, None)
    assert [row[0] for row in db.session.execute(acted["downloads"].who([source_id]))] == [amina.id]


def test_papers_taken_by_way_of_a_call_are_credited_to_the_mailing_that_led_to_it(client):
    one = make_resource(title_en="The gated one", gate="address", url="https://elsewhere.example/paper")
    make_resource()
    text = f"Read [why](/resources/idle-skills#get) and [{one.name}]({public_url('/resources/the-gated-one?lang=en')})."
    call = factories.add(Action(slug="call", kind="petition", state="published", titles={"en": "Call"}))
    call.bodies, mailing = {"en": text}, make_mailing()
    db.session.commit()
    followed = Followed(1, public_url("/actions/call"), mailing.id, 2, 3, "en", "a", None, None)
    page = client.page(path(trails.lead(followed))).text
    free, gated = (unescape(link) for link in re.findall(r'href="([^"]*/resources/[^"?]+\?[^"]+)"', page)[:2])
    assert free.endswith("#get") and "lang=en&via=" in gated
    press(client, **hidden(client.page(free).text))
    amina = factories.make_contact("amina@mail.example")
    known_page = f"{path(gated)}&me={known.token(amina.id, 'download', one.id)}"
    client.post("/resources/the-gated-one/download", data=hidden(client.page(known_page).text))
    assert [row.source.label for row in taken()] == ["Mailing: Licensing moves"] * 2


def test_a_paper_in_the_words_of_thanks_is_credited_to_what_led_to_the_call(client):
    make_resource()
    call = make_petition(thanks={"en": "Read [why](/resources/idle-skills)."})
    amina, mailing = factories.make_contact("amina@mail.example"), make_mailing()
    query = f"?via={trails.code(mailing.id)}"
    mine = {"me": known.token(amina.id, "signature", call.id), "shown": "none", "known": "1"}
    url = f"/actions/{call.slug}"
    data = {**hidden(client.page(f"{url}{query}&me={mine['me']}").text), **mine}
    for thanked in (client.post(url, data=data).location, client.post(confirm_of(client, query)).location):
        page = client.page(path(thanked)).text
        link = unescape(re.search(r'href="(/resources/idle-skills[^"]*)"', page)[1])
        press(client, **hidden(client.page(link).text))
    assert [row.source.label for row in taken()] == ["Mailing: Licensing moves"] * 2


def confirm_of(client, query: str) -> str:
    assert send(client, "omar@mail.example", query=query).status_code == 303
    return confirm_path("omar@mail.example")


def test_a_free_paper_that_is_come_to_by_no_link_counts_under_its_own_name_as_a_gated_one_does(client):
    make_resource()
    press(client)
    assert [row.source.label for row in taken()] == ["idle-skills"]


def test_a_mailing_tells_of_a_resource_as_it_is_now(app):
    one = make_resource(gate="address", title_es="Talento <parado>")
    heading, text, button = basic([made("resource", resource=str(one.id))], "es", [])
    assert heading["text"] == "Talento <parado>" and button["text"] == "Léalo en nuestra biblioteca"
    assert text["html"] == "<p>Nurses who drive taxis.</p>" and f"act=download-{one.id}&lang=es" in button["url"]
    one.state = "withdrawn"
    assert basic([made("resource", resource=str(one.id)), made("resource", resource="newest")], "es", []) == []


def test_the_downloads_of_one_who_was_forgotten_stay_without_a_name(app):
    one = make_resource()
    amina = factories.make_contact("amina@mail.example")
    take(one, amina)
    forgetting.forget(amina, "mail")
    assert [download.contact_id for download in taken()] == [None]
