"""Forms on other sites: only on those that staff named, without a cookie, and by plain HTML too."""

import pytest

from crm.base.changes import Refused
from crm.contacts.signup_forms import keeping
from tests.contacts.people import AMINA, sign_ups
from tests.contacts.signup_forms.makers import make_form, make_member, sent

MEMBER = "https://www.member.example"


@pytest.fixture
def form(app):
    return make_form(origins=[MEMBER])


def test_only_named_sites_may_frame_the_form_and_no_cookie_is_set(client, form):
    for url in (f"/embed/{form.slug}?hl=es&parent={MEMBER}", f"/embed/{form.slug}/sent?hl=es"):
        answer = client.get(url)
        assert f"frame-ancestors 'self' {MEMBER};" in answer.headers["Content-Security-Policy"] + ";"
        assert "Set-Cookie" not in answer.headers and 'lang="es"' in answer.text
    assert f'data-parent="{MEMBER}"' in client.page(f"/embed/{form.slug}?parent={MEMBER}").text
    assert "data-parent" not in client.get(f"/embed/{form.slug}?parent=https://stranger.example").text
    assert "frame-ancestors 'none'" in client.get(f"/signup/{form.slug}").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": MEMBER}, 303),
        ({"Origin": "http://crm.example"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "null", "Referer": f"{MEMBER}/page"}, 303),
        ({}, 303),
        ({"Origin": "https://stranger.example"}, 403),
        ({"Origin": "https://www.member.example.stranger.example"}, 403),
        ({"Origin": "http://www.member.example"}, 403),
        ({"Origin": "null", "Referer": "https://stranger.example/"}, 403),
        ({"Referer": "https://stranger.example/"}, 403),
    ],
)
def test_a_form_from_a_strangers_site_is_refused(client, form, headers, status):
    assert sent(client, form, headers=headers, at="/embed").status_code == status
    assert len(sign_ups()) == (status == 303)


def test_a_plain_form_elsewhere_leads_to_the_filled_form_here(client, form):
    first = {"email": AMINA, "first_name": "Amina", "language": "en", "first_step": "1"}
    answer = client.send(f"/signup/{form.slug}", first, headers={"Origin": MEMBER})
    assert "send it once more from here" in answer.text
    assert f'value="{AMINA}"' in answer.text and "error-summary" not in answer.text
    assert not sign_ups()


def test_another_site_ticks_nothing_beforehand(client):
    member = make_member()
    form = make_form("Theirs", members=[member.id], origins=[MEMBER])
    theirs = {"email": AMINA, "language": "en", "first_step": "1", "consent": "y", f"share_{member.id}": "y"}
    page = client.send(f"/signup/{form.slug}", theirs, headers={"Origin": MEMBER}).text
    assert " checked" not in page and f'name="place" value="/signup/{form.slug}"' in page


def test_the_script_is_the_same_for_everybody_and_sets_no_cookie(client):
    answer = client.get("/embed/signup.js")
    assert answer.mimetype == "text/javascript" and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://Member.example/page?x=1", "https://member.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_a_site_is_kept_as_browsers_name_it(typed, origin):
    assert keeping.origin(typed) == origin


@pytest.mark.parametrize(
    "typed", ["member.example", "*", "https://*.example", "javascript:alert(1)", "https://", "data:x"]
)
def test_what_names_no_site_is_refused(typed):
    with pytest.raises(Refused, match="is no site"):
        keeping.origin(typed)
