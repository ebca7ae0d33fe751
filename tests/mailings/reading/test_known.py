"""Who follows a link of a mailing to something to do is known on that page alone, and nobody else is."""

import re

import pytest

from crm.base import clock, wall_clock
from crm.contacts import known
from crm.extensions import db
from crm.mailings import scheduling
from tests.contacts.deeds import offer
from tests.mailings.makers import make_mailing, make_people
from tests.sending import send_due

COUNTED = re.compile(r"http://crm\.example(/c/\S+)")


@pytest.fixture
def petition(app, monkeypatch):
    return offer(monkeypatch)


def links_of(app, sink, number=1) -> dict[str, str]:
    """The address of the one link in each copy, by whom it went to."""
    people = make_people(number)
    address = known.address("signature", 7)
    mailing = make_mailing(body=f"Please sign: <{address}>", markup="markdown")
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    send_due(app)
    return {one.email: COUNTED.search(sink[one.email].text)[1] for one in people}


def known_at(app, location: str) -> str | None:
    with app.test_request_context(location.removeprefix("http://crm.example")):
        found = known.visitor("signature", 7)
        assert known.visitor("signature", 8) is known.visitor("attendance", 7) is None
        return found.email if found else None


def test_each_copy_makes_its_own_receiver_known(app, client, sink, petition):
    links = links_of(app, sink, 2)
    for email, link in links.items():
        answer = client.get(link)
        assert answer.status_code == 302 and answer.location.startswith("http://crm.example/privacy?via=mailing-")
        assert "act=" not in answer.location and known_at(app, answer.location) == email
    assert not petition


def test_without_the_mark_of_a_copy_a_stranger_is_led_there(app, client, sink, petition):
    [link] = links_of(app, sink).values()
    bare, _, mark = link.partition("?me=")
    for other in (bare, f"{bare}?me={mark[:-1]}", f"{bare}?me={known.token(1, 'signature', 7)}", f"{bare}?me="):
        location = client.get(other).location
        assert location.startswith("http://crm.example/privacy?") and known_at(app, location) is None
