"""Counted links: to the stored address and nowhere else, whoever follows them."""

import pytest

from crm.base import signing
from crm.extensions import db
from crm.mailings.reading import clicks
from tests.mailings.reading.people import AMINA, make_link, path


@pytest.fixture
def link(app):
    return make_link("https://bridgeway.example/sign?a=1&b=2")


def counted(link) -> tuple[int, int]:
    """Clicks of people, and of robots."""
    db.session.rollback()
    db.session.expire_all()
    found = clicks.of(link.mailing)
    return found.total, found.robots


def test_a_click_is_counted_and_leads_to_the_stored_address(client, link):
    response = client.get(path(link), headers=AMINA)
    assert response.status_code == 302
    assert response.location == "https://bridgeway.example/sign?a=1&b=2"
    assert counted(link) == (1, 0)


def test_links_of_mails_that_went_out_before_texts_were_told_apart_still_lead_there(client, link):
    old = f"/c/{signing.sign('click', f'{link.mailing_id}:{link.number}')}"
    assert client.get(old, headers=AMINA).location == link.url
    assert clicks.of(link.mailing).texts == [(("en", ""), 1, 1)]


@pytest.mark.parametrize(
    "tail", ["?url=https://evil.example", "?next=//evil.example", "/../https://evil.example", "#https://evil.example"]
)
def test_nothing_in_the_request_changes_where_it_leads(client, link, tail):
    response = client.get(path(link) + tail, headers=AMINA)
    assert response.status_code == 404 or response.location == link.url


def test_forged_and_foreign_tokens_lead_nowhere(client, link):
    token = signing.sign("click", str(link.id))
    others = [signing.sign("unsubscribe", str(link.id)), token[:-2] + "aa", token.upper(), "x", "x.y", f"{link.id}.x"]
    others += [signing.sign("click", said) for said in ("999999:1", str(link.id), "abc", "-1", "1:x", "::")]
    for other in others:
        assert client.get(f"/c/{other}", headers=AMINA).status_code == 404, other
    assert counted(link) == (0, 0)


def test_a_key_that_nobody_has_leads_there_and_names_nobody(client, link):
    assert client.get(path(link) + "~0123456789abcdef0123", headers=AMINA).location == link.url
    assert counted(link) == (1, 0) and clicks.of(link.mailing).known == 0
