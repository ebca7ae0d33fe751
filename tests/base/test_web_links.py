"""What is taken for the address of a web page, in every form and file."""

import pytest

from crm.base.web_links import is_web_link
from crm.extensions import db
from crm.organizations.models import Organization


@pytest.mark.parametrize("text", ["https://a.example", "http://a.example/x?y=1#z", "https://a.example:8443/ñ"])
def test_an_address_has_a_scheme_and_a_host(text):
    assert is_web_link(text)


@pytest.mark.parametrize(
    "text",
    ["", "a.example", "//a.example", "javascript:alert(1)", "https://", "https://[", "https://a.example/a b"]
    + [f"https://a.example/{sign}X-Own: 1" for sign in ("\r\n", "\n", "\t", "\x00", "\x7f")],
)
def test_anything_else_is_none(text):
    assert not is_web_link(text)


def test_no_organization_has_a_website_that_would_break_a_header(as_alice):
    form = {"name": "Harbor House", "kind": "other", "website": "https://harbor.example/a\r\nX-Own: 1"}
    assert "Give the whole address" in as_alice.send("/staff/organizations/new", form).text
    assert db.session.query(Organization).filter_by(name="Harbor House").count() == 0
