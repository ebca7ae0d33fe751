"""Who led a visitor here has the credit for what they do on any page, and for whom they pass it on to."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories
from tests.actions.makers import PAGE, make_petition, sign, signatures
from tests.actions.submissions.test_forms import published, rows, sent, story  # noqa: F401
from tests.events.people import make_event
from tests.resources.makers import make_resource
from tests.site.pages.makers import make_page

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def shared(html: str) -> dict[str, list[str]]:
    """The arguments of the address that a page offers to pass on."""
    return parse_qs(urlsplit(unescape(re.search(r'id="share-link">([^<]+)<', html)[1]).strip()).query)


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("/news/fair", lambda: make_page("post", shown=True)),
        ("/stories/fair", lambda: make_page("story", shown=True)),
        ("/pages/fair", lambda: make_page(shown=True)),
        (PAGE, make_petition),
        ("/events/licenses", make_event),
        ("/resources/idle-skills", make_resource),
    ],
)
def test_a_page_that_is_passed_on_keeps_the_credit_of_whom_the_visitor_came_by(app, client, path, make):
    make()
    told = shared(client.page(f"{path}?via=harbor&utm_source=mail").text)
    assert (told["via"], told["utm_source"]) == (["harbor"], ["share"])
    assert "via" not in shared(client.page(path).text)


def test_so_does_a_story_that_somebody_sent(story, client, as_oscar):  # noqa: F811
    sent(client)
    (row,) = rows()
    published(as_oscar, row)
    told = shared(client.page(f"/actions/your-story/stories/{row.id}?via=harbor").text)
    assert (told["via"], told["utm_source"]) == (["harbor"], ["share"])


def test_who_comes_by_a_link_to_the_home_page_credits_it_wherever_they_go_from_there(app, client):
    member = factories.make_organization("Harbor College", is_member=True, via="harbor")
    make_petition()
    make_page("post", shown=True)
    make_event()
    links = re.findall(r'href="(/[^"]+)"', client.page("/?via=harbor").text)
    for start in (PAGE, "/news/", "/news/fair", "/events/licenses", "/actions/"):
        found = [link for link in links if urlsplit(link).path == start]
        assert found and all("via=harbor" in link for link in found), start
    sign(client, query="?" + urlsplit(next(link for link in links if link.startswith(PAGE))).query)
    assert signatures()[0].source.organization_id == member.id
