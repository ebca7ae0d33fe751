"""Share kits: ready texts with the link of whoever takes them; what comes of them is counted by text and member."""

from urllib.parse import parse_qs, urlsplit

import pytest

from crm.actions import kinds
from crm.actions.models import Action
from crm.actions.share_kits import counting, kit
from crm.actions.share_kits.models import ShareText
from crm.base import sqlite_writing
from crm.extensions import db
from tests import factories, second_writer
from tests.actions.makers import PAGE, make_petition, sign, signatures
from tests.contacts.people import confirm_path, filled_in, hidden

KIT = "/actions/tell-three"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11) Firefox/140.0", "Accept-Language": "en"}


@pytest.fixture
def said(app) -> ShareText:
    """A text for WhatsApp in a kit whose links lead to a petition, and a member."""
    factories.make_organization("Harbor College", is_member=True, via="harbor")
    petition = make_petition()
    action = Action(slug="tell-three", kind="share_kit", state="published", titles={"en": "Tell three"}, options={})
    factories.add(action).leads_to = petition.id
    text = factories.add(ShareText(action_id=action.id, channel="whatsapp", text="Sign with me: {link} !"))
    db.session.commit()
    return text


def row(said, code) -> counting.Row:
    db.session.expire_all()
    return next(one for one in counting.by_member([said]) if one.code == code)


def test_a_text_holds_the_link_of_whoever_shares_and_opens_its_channel_without_scripts(said, client):
    page = client.page(f"{KIT}?via=harbor").text
    assert f"Sign with me: http://crm.example/s/{said.id}/harbor !" in page
    answer = client.post(f"/actions/texts/{said.id}", data={"open": "1", "via": "harbor"})
    assert answer.status_code == 303 and answer.location.startswith("https://wa.me/?text=Sign%20with%20me")
    assert "https://wa.me" in client.get(KIT).headers["Content-Security-Policy"]
    assert row(said, "harbor").copies == 1


def test_who_follows_a_link_is_counted_and_credited_and_robots_are_not(said, client, as_bob):
    contact = factories.make_contact("lena@mail.example", share_code="abcdef012345")
    db.session.commit()
    for via in ("harbor", "harbor", contact.share_code, "nobody-knows"):
        answer = client.get(f"/s/{said.id}/{via}", headers=BROWSER)
        asked = parse_qs(urlsplit(answer.location).query)
        assert (
            answer.location.startswith(PAGE) and asked["via"] == [via] and asked["utm_content"] == [f"text-{said.id}"]
        )
    client.get(f"/s/{said.id}/harbor", headers={**BROWSER, "User-Agent": "WhatsApp/2.23"})
    client.head(f"/s/{said.id}/harbor", headers=BROWSER)
    numbers = {one.code: one.arrivals for one in counting.by_member([said])}
    assert numbers == {"harbor": 2, counting.SUPPORTERS: 1, "": 1}
    assert "Harbor College" in as_bob.page(f"/staff/actions/{said.action_id}/kit/").text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_who_follows_a_link_while_somebody_else_writes_is_led_on_and_counted(said, client, monkeypatch):
    link = f"/s/{said.id}/harbor"
    with second_writer.busy():
        assert client.get(link, headers=BROWSER).location.startswith(PAGE)
    assert row(said, "harbor").arrivals == 1
    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    with second_writer.holding():
        assert client.get(link, headers=BROWSER).location.startswith(PAGE)
    assert row(said, "harbor").arrivals == 1


def test_sign_ups_count_for_the_text_and_the_member_that_brought_them(said, client, as_bob):
    asked = urlsplit(kit.target(said, "harbor")).query
    filled_in(client, url=f"/signup?{asked}")
    client.send(confirm_path())
    assert (row(said, "harbor").sign_ups, counting.by_text([said])[said.id].sign_ups) == (1, 1)
    people = as_bob.page(f"/staff/people/?utm_content=text-{said.id}&confirmed_from=2000-01-01").text
    assert "<strong>1</strong> person" in people


def test_a_signature_by_a_shared_link_has_the_source_of_the_text(said, client):
    sign(client, query="?" + urlsplit(kit.target(said, "harbor")).query)
    assert signatures()[0].source.utm_content == f"text-{said.id}"


@pytest.mark.usefixtures("one_hour")
def test_one_network_counts_sixty_times_an_hour(said, client):
    for _ in range(counting.PER_NETWORK[0] + 3):
        assert client.post(f"/actions/texts/{said.id}").status_code == 204
    assert kinds.count(said.action) == counting.PER_NETWORK[0]


def test_staff_write_a_text_and_nothing_else_is_a_kit(said, as_oscar):
    url = f"/staff/actions/{said.action_id}/kit/new"
    typed = {"channel": "mail", "language": "es", "text": "Hola", "subject": "Firme"}
    assert "Hola" in as_oscar.send(url, {**hidden(as_oscar.page(url).text), **typed}).text
    petition = db.session.query(Action).filter_by(kind="petition").one()
    assert as_oscar.get(f"/staff/actions/{petition.id}/kit/").status_code == 404
