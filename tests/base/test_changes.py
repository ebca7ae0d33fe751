"""Two staff at the same record: nobody overwrites what they have not seen, and nothing typed is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from crm.campaigns.models import Campaign
from crm.contacts.models import Topic
from crm.extensions import db
from crm.goals.models import Goal
from crm.mailings.models import Mailing
from crm.organizations import coalition
from crm.organizations.models import Coalition, Organization
from tests import factories
from tests.mailings.makers import make_mailing
from tests.mailings.test_staff import typed

GOAL = {
    "title": "Supporters",
    "metric": "confirmed_sign_ups",
    "target": "800",
    "starts_on": "2026-01-01",
    "deadline": "2026-12-31",
    "public": "y",
}
SETTINGS = {
    "name": "Bridgeway Coalition",
    "purpose": "We help immigrant professionals work in the jobs they trained for.",
    "zone": "America/New_York",
    "sender_name": "Bridgeway Coalition",
    "sender_email": "news@bridgeway.example",
    "postal_address": "12 Harbor Street, Boston, MA 02110",
}


def make_goal():
    return f"goals/{factories.make_goal().id}"


def make_organization():
    return f"organizations/{factories.make_organization('Harbor College').id}"


def make_campaign():
    return f"campaigns/{factories.make_campaign().id}"


def find_topic():
    return f"settings/topics/{db.session.query(Topic.id).filter_by(slug='research').scalar()}"


# What makes the record and its address, what its form holds, what Oscar changes, what Alice changes, how his reads.
RECORDS = [
    (Goal, make_goal, GOAL, {"target": "900"}, {"title": "By spring"}, "How many from “800” to “900”"),
    (
        Organization,
        make_organization,
        {"name": "Harbor College", "kind": "nonprofit"},
        {"kind": "educator"},
        {"website": "https://harbor.example"},
        "Kind from “Nonprofit” to “College or school”",
    ),
    (
        Campaign,
        make_campaign,
        {"name": "Licensing reform"},
        {"starts_on": "2026-12-01"},
        {"description": "Why"},
        "Starts from “nothing” to “2026-12-01”",
    ),
    (
        Coalition,
        lambda: "settings/",
        SETTINGS,
        {"purpose_es": "Abrimos puertas."},
        {"sender_name": "Bridgeway News"},
        "Purpose in Spanish from “nothing” to “Abrimos puertas.”",
    ),
    (
        Topic,
        find_topic,
        {"name_en": "Research", "name_es": "Investigación", "name_ar": "أبحاث", "public": "y"},
        {"name_es": "Estudios"},
        {"name_en": "Studies"},
        "Spanish name from “Investigación” to “Estudios”",
    ),
]


def attributes(row, values):
    db.session.rollback()
    db.session.refresh(row)
    return {name: str(getattr(row, name)) for name in values}


def shows(page, values):
    return all(f'value="{value}"' in page.text or f">\r\n{value}</textarea>" in page.text for value in values.values())


@pytest.mark.parametrize(
    ("kind", "make", "form", "his", "hers", "words"), RECORDS, ids=[r[0].__name__ for r in RECORDS]
)
def test_both_who_change_a_record_get_their_way(as_alice, client_of, kind, make, form, his, hers, words):
    as_other = client_of(factories.make_user("admin", email="omar@bridgeway.example"))
    url = f"/staff/{make()}"
    db.session.commit()
    row = coalition.current() if kind is Coalition else db.session.get(kind, int(url.rsplit("/", 1)[1]))
    as_other.send(url, {**form, **his, "version": 1})
    page = as_alice.send(url, {**form, **hers, "version": 1}, status=409)
    assert "Somebody changed this" in page.text
    assert words in page.text.replace("<bdi>", "").replace("</bdi>", "")
    assert "omar@bridgeway.example" in page.text
    assert shows(page, hers)
    assert attributes(row, his) == his
    assert attributes(row, hers) != hers
    assert 'name="version" type="hidden" value="2"' in page.text
    as_alice.send(url, {**form, **his, **hers, "version": 2})
    assert attributes(row, {**his, **hers}) == {**his, **hers}


def test_a_form_that_tells_no_version_overwrites_nothing(as_alice):
    url = f"/staff/{make_goal()}"
    db.session.commit()
    for version in ({}, {"version": ""}, {"version": "-1"}, {"version": "9" * 5000}, {"version": "2"}):
        page = as_alice.send(url, {**GOAL, "target": "900", **version}, status=409)
        assert 'value="900"' in page.text
    assert db.session.query(Goal.target).scalar() == 800


def test_a_form_saved_unchanged_is_no_change(as_alice):
    url = f"/staff/{make_goal()}"
    db.session.commit()
    for _ in range(2):
        as_alice.send(url, {**GOAL, "version": 1})
    assert db.session.query(Goal.version).scalar() == 1


def test_line_ends_as_browsers_send_them_are_no_change(as_alice):
    address = "12 Harbor Street\nBoston"
    coalition.current().postal_address = address
    db.session.commit()
    as_alice.send("/staff/settings/", {**SETTINGS, "postal_address": address.replace("\n", "\r\n"), "version": 1})
    assert coalition.current().version == 1


def test_of_two_at_the_same_moment_one_is_told(app, alice, client_of):
    goal, mailing, other = make_goal(), make_mailing(), factories.make_user("admin")
    drafts = {name: typed(subject=name) for name in ("Hers", "His")}
    number, browsers, start = mailing.id, [client_of(alice), client_of(other)], threading.Barrier(2)
    db.session.commit()

    def save(browser, name):
        start.wait(10)
        saved = browser.post(f"/staff/{goal}", data={**GOAL, "title": name, "version": 1})
        start.wait(10)
        draft = browser.post(f"/staff/mailings/{number}/edit", data=drafts[name])
        return saved.status_code, draft.status_code

    with ThreadPoolExecutor(2) as both:
        codes = list(both.map(save, browsers, drafts))
    assert sorted(codes for codes, _ in codes) == [302, 409]
    assert sorted(codes for _, codes in codes) == [200, 302]
    db.session.rollback()
    db.session.expire_all()
    winner = list(drafts)[[goal for goal, _ in codes].index(302)]
    assert db.session.query(Goal.title).scalar() == winner
    assert db.session.query(Mailing.version).scalar() == 2
