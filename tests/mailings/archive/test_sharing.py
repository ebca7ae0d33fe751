"""Passing a mailing on: with credit to the mailing and the sharer, by the visitor's own programs, to nobody by us."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from crm.contacts.models import Source
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.report import growth
from tests.contacts.people import confirm_path, filled_in
from tests.mailings.archive.test_pages import release, slug
from tests.mailings.makers import make_people


@pytest.fixture
def people(app):
    return make_people(1)


@pytest.fixture
def mailing(people, sink, deliver):
    return release(deliver, spanish=True)


def hrefs(text: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', text)]


def test_share_links_credit_the_mailing_and_who_led_here(client, mailing, people):
    text = client.page(f"/archive/{slug(mailing)}?via={people[0].share_code}").text
    (whatsapp,) = [one for one in hrefs(text) if one.startswith("https://wa.me/")]
    (mail,) = [one for one in hrefs(text) if one.startswith("mailto:")]
    for link, medium in ((whatsapp, "whatsapp"), (mail, "mail")):
        shared = re.search(r"http://crm\.example/archive/\S+", unquote(link))[0]
        credit = {name: values[0] for name, values in parse_qs(urlsplit(shared).query).items()}
        assert credit["via"] == people[0].share_code and credit["utm_medium"] == medium
        assert credit["utm_campaign"] == slug(mailing)
    assert '<script src="http' not in text


def test_where_nobody_is_known_nobody_is_credited(client, mailing):
    text = client.page(f"/archive/{slug(mailing)}").text
    assert "via=" not in text and f"utm_campaign={slug(mailing)}" in text


def test_a_sign_up_by_a_shared_page_is_credited_to_mailing_and_sharer(client, mailing, people):
    text = client.page(f"/archive/{slug(mailing)}?via={people[0].share_code}&utm_source=share&utm_medium=mail").text
    (url,) = [one for one in hrefs(text) if one.startswith("http://crm.example/signup?")]
    assert growth.of(mailing).total == 0
    filled_in(client, url=url.removeprefix("http://crm.example"))
    client.send(confirm_path())
    source = db.session.scalar(select(Source).where(Source.utm_campaign == slug(mailing)))
    assert (source.kind, source.code, source.utm_source) == ("supporter", people[0].share_code, "share")
    ways = growth.of(db.session.get_one(Mailing, mailing.id)).ways
    assert {way: len(moments) for way, moments in ways.items()} == {"links": 0, "page": 1, "onward": 0}


def test_another_campaign_that_led_here_keeps_its_credit_beside_the_mailings(client, mailing):
    text = client.page(f"/archive/{slug(mailing)}?utm_campaign=spring").text
    (url,) = [one for one in hrefs(text) if one.startswith("http://crm.example/signup?")]
    assert "utm_campaign=spring" in url and f"utm_content={slug(mailing)}" in url


def test_forwarding_opens_the_visitors_own_mail_program_and_writes_to_nobody(client, mailing, people, sink, deliver):
    path = re.search(r"http://crm\.example(/archive/\S+/forward\S*)", sink[people[0].email].text)[1]
    before = db.session.query(Message).count()
    page = client.page(path).text
    assert "<form" not in page and 'type="email"' not in page
    (mail,) = [one for one in hrefs(page) if one.startswith("mailto:?")]
    assert "Licensing moves" in unquote(mail) and f"via={people[0].share_code}" in unquote(mail)
    assert "/unsubscribe/" not in unquote(mail)
    assert f"via={people[0].share_code}" in re.search(r'id="share-text"[^>]*>(.*?)</bdi>', page, re.DOTALL)[1]
    assert client.post(path, data={"to": "bob@mail.example"}).status_code == 405
    assert db.session.query(Message).count() == before and deliver() == []


def test_the_page_to_forward_from_speaks_the_language_of_the_mail(client, mailing):
    page = client.page(f"/archive/{slug(mailing)}/forward?lang=es").text
    assert "Las licencias" in page and "lang=es" in page


@pytest.mark.parametrize("via", ['"><script>alert(1)</script>', "javascript:alert(1)", "a" * 5000, "\r\nX: y"])
def test_whatever_the_address_says_is_only_text(client, mailing, via):
    for path in ("", "/forward", "/mail"):
        page = client.get(f"/archive/{slug(mailing)}{path}", query_string={"via": via})
        assert page.status_code == 200 and "<script>alert" not in page.text
        assert "X" not in page.headers
