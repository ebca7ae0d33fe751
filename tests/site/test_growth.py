"""Growth: what people did by source and member, every number with its people, and the goal for everybody."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from crm.actions.models import Signature
from crm.base import clock
from crm.contacts import sources
from crm.contacts.models import Source
from crm.contacts.sources import Trail
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations.models import Organization
from crm.site.growth import figures
from tests import factories
from tests.actions.makers import make_petition

TABLE = re.compile(r"<table[^>]*><caption[^>]*>What people did, .*?</table>", re.DOTALL)
LINE, CELL = re.compile(r"<tr>.*?</tr>", re.DOTALL), re.compile(r"<t[hd].*?</t[hd]>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
OPENS = re.compile(r'"(/staff/growth/people[^"]+)">(?:<span class="visually-hidden">([^<]+): </span>)?(\d+)</a>')


@pytest.fixture
def grown(app):
    """Two by the link of a member, one by a poster, one long ago; one of them signed, as did somebody by no link."""
    factories.make_organization("Harbor College", is_member=True, via="harbor")
    factories.make_organization("Lakeside Clinic", is_member=True, via="lakeside")
    member, poster = sources.of_visit(Trail(via="harbor")), sources.of_visit(Trail(utm_source="poster"))
    now = clock.now()
    people = [
        factories.make_contact(email, source_id=source, confirmed_at=now - timedelta(days=days), first_name=email[:3])
        for email, source, days in (
            ("amina@mail.example", member, 1),
            ("bao@mail.example", member, 40),
            ("carla@mail.example", poster, 2),
            ("dina@mail.example", poster, 200),
        )
    ]
    petition = make_petition()
    for person, source in ((people[0], member), (people[2], None)):
        db.session.add(Signature(action_id=petition.id, contact_id=person.id, source_id=source, at=now))
    db.session.commit()


def opened(client, page: str) -> dict[str, int]:
    """The number behind each address that opens one; as many are listed there, or told of as nobody's."""
    found = {unescape(url): int(number) for url, _, number in OPENS.findall(page)}
    for url, number in found.items():
        text = client.page(url).text
        more = sum(map(int, re.findall(r"(\d+) more times?", text)))
        assert text.count('data-label="When"') + more == number, url
    return found


def rows(page) -> dict[str, list[str]]:
    """The numbers of each line of the page's tables, by its name; the lines of members begin with that word."""
    found: dict[str, list[str]] = {}
    for table in TABLE.findall(page.text):
        place = "member " if "by the member" in table else ""
        for line in LINE.findall(table.partition("<tbody>")[2]):
            name, *numbers = (TAG.sub("", cell).strip() for cell in CELL.findall(line))
            found[place + name] = numbers
    return found


def test_a_link_that_names_a_member_without_its_code_takes_nothing_from_it(as_alice, grown):
    for term in ("", "again"):
        named = sources.of_visit(Trail(utm_source="Harbor College", utm_term=term))
        factories.make_contact(f"eve{term}@mail.example", source_id=named, confirmed_at=clock.now())
    db.session.commit()
    page = as_alice.page("/staff/growth/")
    told = rows(page)
    assert told["member Harbor College"][:2] == told["Harbor College"][:2] == ["2", "1"]
    assert told["Harbor College (by a link without its code)"][:2] == ["2", "0"]
    opened(as_alice, page.text)
    people = as_alice.page("/staff/growth/people?did=confirmed_sign_ups&source=Harbor+College").text
    assert "eveagain@" in people and "amina@" not in people


def test_what_people_did_is_told_by_source_and_member(as_alice, grown):
    told = rows(as_alice.page("/staff/growth/"))
    assert told["Harbor College"][:2] == ["2", "1"] and told["poster"][:2] == ["1", "0"]
    assert told["Unknown"][:2] == ["0", "1"]
    assert told["member Harbor College"][:2] == ["2", "1"] and told["member Lakeside Clinic"][:2] == ["0", "0"]
    assert rows(as_alice.page("/staff/growth/?days=30"))["Harbor College"][0] == "1"
    assert rows(as_alice.page("/staff/growth/?days=365"))["poster"][0] == "2"
    assert rows(as_alice.page("/staff/growth/?days=all")) == told


def test_a_large_number_is_a_link_that_is_named_by_its_label(as_alice, grown):
    named = {label: number for _, label, number in OPENS.findall(as_alice.page("/staff/growth/").text) if label}
    assert named == {"Signed up": "3", "Signed": "2"}


def test_of_what_nobody_did_nothing_is_drawn_and_a_phone_lists_no_zeros(as_alice, grown):
    page = as_alice.page("/staff/growth/?days=90").text
    drawn = json.loads(unescape(re.search(r'data-chart="bar"[^>]* data-series="([^"]*)"[^>]* data-stacked', page)[1]))
    assert {one["label"]: sum(one["values"]) for one in drawn} == {"Signed up": 3, "Signed": 2}
    zeros = re.findall(r'<td data-label="[^"]+" class="number( is-zero)?">(?:<a [^>]*>)?(\d+)', page)
    assert len(zeros) > 8 and all((number == "0") == bool(marked) for marked, number in zeros)
    assert re.findall(r'data-nothing="[^"]+"><bdi>([^<]+)<', page) == ["Lakeside Clinic"]


def test_each_number_opens_its_people(as_alice, grown):
    harbor = db.session.query(Organization).filter_by(name="Harbor College").one()
    url = f"/staff/growth/people?source=Harbor+College&member={harbor.id}&did"
    page = as_alice.page(f"{url}=confirmed_sign_ups&days=90").text
    assert "amina@mail.example" in page and "bao@mail.example" in page and "carla@" not in page
    assert "bao@" not in as_alice.page(f"{url}=confirmed_sign_ups&days=30").text
    assert "amina@" in as_alice.page(f"{url}=signatures").text
    assert as_alice.get(f"{url}=nothing").status_code == 404


def test_all_the_lesser_sources_and_members_of_several_names_open_their_people_too(as_alice, grown, monkeypatch):
    harbor = sources.of_visit(Trail(via="harbor"))
    db.session.get_one(Source, harbor).label = "Harbor, as it was called"
    factories.make_contact(source_id=sources.of_visit(Trail(via="harbor", utm_source="fair")), confirmed_at=clock.now())
    db.session.commit()
    monkeypatch.setattr(figures, "MOST_LINES", 1)
    found = opened(as_alice, as_alice.page("/staff/growth/").text)
    people = "/staff/growth/people?did"
    harbor = db.session.query(Organization).filter_by(name="Harbor College").one()
    assert found[f"{people}=confirmed_sign_ups&days=90&member={harbor.id}"] == 3
    assert found[f"{people}=confirmed_sign_ups&days=90&others=1"] == 2
    assert found[f"{people}=signatures&days=90"] == 2, "one of them by no known source"
    assert found[f"{people}=signatures&days=90&others=1"] == 1, "that one"


def test_what_was_done_by_no_known_source_opens_its_people(as_alice, grown):
    url = "/staff/growth/people?did=signatures&days=90&unknown=1"
    assert opened(as_alice, as_alice.page("/staff/growth/").text)[url] == 1
    page = as_alice.page(url).text
    assert "carla@mail.example" in page and "amina@" not in page and "by</span> <bdi>no known source" in page
    sources.of_visit(Trail(utm_source="Unknown"))
    factories.make_contact(source_id=sources.of_visit(Trail(utm_source="Unknown")), confirmed_at=clock.now())
    db.session.commit()
    assert opened(as_alice, as_alice.page("/staff/growth/").text)[url.replace("signatures", "confirmed_sign_ups")] == 1


def test_everybody_sees_the_public_goal_grow_and_nobody_a_private_one(client, grown):
    assert client.get("/goal").status_code == 404
    today = clock.now().date()
    goal = Goal(title="800 by summer", metric="confirmed_sign_ups", target=800, public=True)
    goal.starts_on, goal.deadline = today - timedelta(weeks=8), today + timedelta(weeks=8)
    db.session.add(goal)
    db.session.commit()
    for language in ("en", "es", "ar"):
        page = client.page(f"/goal?lang={language}").text
        assert "800 by summer" in page and 'value="3"' in page
    assert "/goal" in client.page("/").text
    goal.titles = {"es": "800 para el verano"}
    db.session.commit()
    assert '<p class="standfirst">800 para el verano</p>' in client.page("/goal?lang=es").text
    assert '<span lang="en" dir="ltr">800 by summer</span>' in client.page("/goal?lang=ar").text
    goal.public = False
    db.session.commit()
    assert client.get("/goal").status_code == 404


def test_nothing_yet_is_said_in_words(as_alice):
    assert "Nothing yet in this time" in as_alice.page("/staff/growth/").text
    assert db.session.query(Source).count() == 0
