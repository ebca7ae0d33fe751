"""Counted links: in aggregate, only to the stored address, never for a robot."""

import pytest

from crm.base import signing
from crm.extensions import db
from crm.mailings import links
from crm.mailings.models import MailingLink
from tests import factories
from tests.mailings.makers import make_mailing

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def link(app):
    row = MailingLink(mailing_id=make_mailing().id, number=1, url="https://bridgeway.example/sign?a=1&b=2", clicks=0)
    factories.add(row)
    db.session.commit()
    return row


def path(link):
    return f"/c/{signing.sign('click', f'{link.mailing_id}:{link.number}')}"


def clicks(link):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(MailingLink, link.id).clicks


def test_a_click_is_counted_and_leads_to_the_stored_address(client, link):
    for _ in range(3):
        response = client.get(path(link), headers=BROWSER)
    assert response.status_code == 302
    assert response.location == "https://bridgeway.example/sign?a=1&b=2"
    assert clicks(link) == 3


def test_head_prefetch_and_robots_are_led_on_but_not_counted(client, link):
    client.head(path(link), headers=BROWSER)
    client.get(path(link), headers={**BROWSER, "Sec-Purpose": "prefetch"})
    for name in ("", "Googlebot/2.1", "curl/8.5", "python-requests/2.32", "Barracuda Sentinel", "HeadlessChrome/120"):
        response = client.get(path(link), headers={"User-Agent": name})
        assert response.location == link.url
    assert clicks(link) == 0


@pytest.mark.parametrize(
    "tail", ["?url=https://evil.example", "?next=//evil.example", "/../https://evil.example", "#https://evil.example"]
)
def test_nothing_in_the_request_changes_where_it_leads(client, link, tail):
    response = client.get(path(link) + tail, headers=BROWSER)
    assert response.status_code == 404 or response.location == link.url


def test_forged_and_foreign_tokens_lead_nowhere(client, link):
    token = signing.sign("click", str(link.id))
    others = [signing.sign("unsubscribe", str(link.id)), token[:-2] + "aa", token.upper(), "x", "x.y", f"{link.id}.x"]
    others += [
        signing.sign("click", "999999:1"),
        signing.sign("click", str(link.id)),
        signing.sign("click", "abc"),
        signing.sign("click", "-1"),
    ]
    for other in others:
        assert client.get(f"/c/{other}", headers=BROWSER).status_code == 404, other
    assert clicks(link) == 0


def test_ordinary_browsers_are_people():
    for name in (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    ):
        assert links.is_person("GET", name, "")
