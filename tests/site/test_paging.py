"""Links from page to page of a list repeat what the address asks for, whatever it says."""

import pytest

from crm.actions.models import Signature
from crm.base import clock
from crm.extensions import db
from tests import factories
from tests.actions.makers import SIGNED, make_petition
from tests.events.people import make_event
from tests.resources.makers import make_resource
from tests.site.pages.makers import make_page

HOSTILE = ["endpoint=x", "_method=POST", "_scheme=javascript&_external=1", "_anchor=here", "values=1", "page=0"]


def news():
    for number in range(21):
        make_page("post", slug=f"post-{number}", title=f"Post {number}", shown=True)


def stories():
    for number in range(21):
        make_page("story", slug=f"story-{number}", title=f"Story {number}", shown=True)


def past_events():
    for number in range(21):
        make_event(-5, slug=f"event-{number}")


def resources():
    for number in range(13):
        make_resource(pdf=None, url="https://papers.example/", title_en=f"Paper {number}")


def names():
    action = make_petition()
    for number in range(101):
        person = factories.make_contact(f"p{number}@mail.example")
        values = {"action": action, "contact_id": person.id, "at": clock.now(), "shown": "full"}
        factories.add(Signature(**values, name=f"Person {number}"))
    db.session.commit()


LISTS = {
    "/news/": news,
    "/stories/": stories,
    "/events/": past_events,
    "/resources/": resources,
    SIGNED: names,
}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", LISTS)
def test_no_argument_of_an_address_is_taken_for_a_word_of_ours(app, client, path):
    LISTS[path]()
    for query in HOSTILE:
        text = client.page(f"{path}?utm_source=card&{query}").text
        following = text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        assert following.partition("?")[0] in ("", path), query
        assert "utm_source=card" in following and "page=2" in following, query
