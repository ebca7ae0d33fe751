"""The report of a mailing: what it counts, and that every number opens its rows."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crm.base import clock
from crm.base.acted import Act, acted
from crm.base.columns import UtcDateTime
from crm.contacts import leaving
from crm.contacts.click_consent.models import ClickConsent
from crm.contacts.models import Contact, Topic
from crm.delivery import outbox, pruning
from crm.extensions import db
from crm.mailings.reading.models import PersonalClick
from crm.mailings.report import acts, breakdowns, growth, headline, hours, origins, people
from crm.organizations import coalition
from tests import factories
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_people
from tests.mailings.report.makers import add_text, came_back, clicked, copy_of, joined, made_source, make_sent
from tests.questions import asked


def lines(mailing) -> dict[str, tuple[int, int | None]]:
    db.session.expire_all()
    return {line.name: (line.people, line.times) for line in people.report(mailing).lines()}


def leave(person: Contact) -> None:
    topic = db.session.query(Topic).filter_by(slug="action-alerts").one()
    leaving.unsubscribe(person, topic, method="one_click")
    db.session.commit()


@pytest.fixture
def ten(app) -> list[Contact]:
    return make_people(10)


@pytest.fixture
def mailing(ten):
    """Ten copies: one refused at once, one held, two came back, one only late, one complained twice, one left."""
    mailing = make_sent(ten)
    copy_of(mailing, ten[0]).state = "failed"
    copy_of(mailing, ten[1]).state = "uncertain"
    came_back(mailing, ten[0], source="smtp")
    came_back(mailing, ten[2])
    came_back(mailing, ten[2], kind="soft", effect="counted")
    came_back(mailing, ten[3], kind="block", effect="counted")
    came_back(mailing, ten[4], kind="soft", effect="nothing")
    for _ in range(2):
        came_back(mailing, ten[5], kind="complaint")
    leave(ten[6])
    clicked(mailing, 3, 7)
    return mailing


def test_delivered_is_what_was_sent_and_did_not_come_back(mailing):
    found = lines(mailing)
    assert found["delivered"] == (6, None)
    assert found["bounced"] == (3, 4)
    assert found["complained"] == (1, 2)
    assert found["held"] == (1, None) and found["unsubscribed"] == (1, None)
    assert found["clicked"] == (3, 7)


def test_the_page_of_a_mailing_tells_what_the_report_tells_and_asks_for_no_more(mailing, ten, as_alice):
    code = f"mailing-{mailing.id}"
    joined(made_source(via=code, utm_campaign=code, utm_content="1-es"), 2)
    add_text(mailing, make_people(2), "es")
    found = {line.name: line.people for line in people.report(mailing).lines()}
    with asked() as few:
        numbers = headline.of(mailing)
    with asked() as many:
        people.report(mailing)
    assert numbers == {name: found[name] for name in ("delivered", "clicked", "acted", "unsubscribed", "joined")}
    assert numbers["joined"] == 2 and len(few) < len(many) / 2
    assert f"/staff/mailings/{mailing.id}/report/joined" in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_every_number_opens_as_many_rows(mailing, ten, as_alice):
    code = f"mailing-{mailing.id}"
    joined(made_source(via=code, utm_campaign=code, utm_content="1-es"), 2)
    joined(made_source(via=code, utm_campaign=code, utm_content="2-en"))
    add_text(mailing, make_people(2), "es")
    today = clock.today()
    factories.make_goal(starts_on=today - timedelta(days=30), deadline=today + timedelta(days=30))
    clicked(mailing, 4, language="es", link=2)
    factories.add(ClickConsent(contact_id=ten[7].id, key="k"))
    link = {"link_id": mailing.links[0].id, "clicks": 2, "first_at": clock.now(), "last_at": clock.now()}
    factories.add(PersonalClick(contact_id=ten[7].id, **link))
    db.session.commit()
    page = as_alice.page(f"/staff/mailings/{mailing.id}/report").text
    opened = re.findall(r'<a href="(/staff/mailings/\d+/report/[^"]+)"><span[^>]*>([^<]+): </span>([\d,]+)</a>', page)
    assert len(opened) > 20
    ways = ["By a link in it", f"{clock.now() - timedelta(days=1):%Y}", "Supporters"]
    assert all(any(way in label for _, label, _ in opened) for way in ways)
    for url, label, number in opened:
        text = as_alice.page(url.replace("&amp;", "&")).text
        rows = text.count('data-label="When"') + text.count('data-label="Last"')
        more = sum(int(one.replace(",", "")) for one in re.findall(r"([\d,]+) more (?:was|were) counted", text))
        assert rows + more == int(number), (url, label, rows, more)


def test_the_page_tells_robots_apart_and_the_hours_of_the_clicks(mailing, as_bob):
    clicked(mailing, 5, 9, hours=3, robot=True)
    page = as_bob.page(f"/staff/mailings/{mailing.id}/report").text
    assert "robots clicked 9 times" in page and page.count('data-label="Robots" class="number quiet">9<') == 2
    at = mailing.released_at.astimezone(ZoneInfo(coalition.zone()))
    [hours] = re.findall(r"The first 24 hours.*?</table>", page, re.DOTALL)
    rows = re.findall(r"<tr><th[^>]*>([^<]+)</th>(.*?)</tr>", hours, re.DOTALL)
    filled = {label: re.findall(r">([1-9]\d*)<", cells) for label, cells in rows if re.search(r">[1-9]\d*<", cells)}
    assert filled == {f"{at:%a %H:00}": ["3", "7"]}


def test_copies_that_are_no_longer_kept_still_count(mailing, client_of, alice):
    before = lines(mailing)
    with time_machine.travel(clock.now() + timedelta(days=400)):
        outbox.queue(make_message(), "newest@mail.example")
        db.session.commit()
        assert sum(step.total() for step in pruning.prune_all(pruning.before())) == 9  # The held one stays.
        assert lines(mailing) == before
        page = client_of(alice).page(f"/staff/mailings/{mailing.id}/report/delivered")
    assert "6 copies are older than 365 days" in page.text


def test_what_was_done_after_a_click_is_credited_by_link_and_text(mailing, ten, monkeypatch):
    code = f"mailing-{mailing.id}"
    spanish = made_source(via=code, utm_campaign=code, utm_content="2-es")
    english = made_source(via=code, utm_campaign=code, utm_content="1-en")
    (newcomer,) = joined(english)
    monkeypatch.setitem(
        acted._entries, "signatures", Act("Signed", lambda ids: _signed(ids, spanish, ten[:2], newcomer))
    )
    found = lines(mailing)
    assert found["confirmed_sign_ups"] == (1, 1) and found["signatures"] == (3, 4)
    assert found["acted"] == (3, 5)
    add_text(mailing, make_people(2), "es")
    report, places = people.report(mailing), acts.people_by_place(mailing)
    assert {row.key: row.acted for row in breakdowns.by_language(mailing, report, places)} == {"en": 1, "es": 3}
    assert [row.acted for row in breakdowns.by_link(report, places)] == [1, 3]


def _signed(ids, source_id, signers, newcomer):
    """Each of the signers, one of them twice, and somebody new, by the Spanish text."""
    rows = [
        (signers[0].id, source_id),
        (signers[0].id, source_id),
        (signers[1].id, source_id),
        (newcomer.id, source_id),
    ]
    selects = [db.select(db.literal(one).label("id"), db.literal(of).label("source_id")) for one, of in rows]
    signature = db.union_all(*selects).subquery()
    at = db.literal(clock.now(), UtcDateTime).label("at")
    return db.select(signature.c.id, at).where(signature.c.source_id.in_(ids))


def test_two_versions_and_languages_stand_side_by_side(ten):
    mailing = make_sent(ten[:4])
    add_text(mailing, ten[4:7], "es")
    add_text(mailing, ten[7:], "en", "b")
    clicked(mailing, 2)
    clicked(mailing, 1, language="es")
    clicked(mailing, 2, variant="b")
    came_back(mailing, ten[8])
    report = people.report(mailing)
    versions = breakdowns.by_version(mailing, report, {})
    assert [(row.label, row.delivered, row.clicked, row.bounced) for row in versions] == [
        ("A", 7, 3, 0),
        ("B", 2, 2, 1),
    ]
    languages = breakdowns.by_language(mailing, report, {})
    assert [(row.label, row.delivered, row.clicked) for row in languages] == [("English", 6, 4), ("Español", 3, 1)]


def test_the_people_are_told_by_the_source_by_which_they_came_once(app):
    harbor = made_source(utm_source="harbor")
    again = made_source(utm_source="harbor", utm_term="b")
    people_ = [*joined(harbor, 2), *joined(again, 1)]
    mailing = make_sent([*people_, *make_people(1)])
    came_back(mailing, people_[0])
    rows = origins.of(mailing)
    assert [(row.label, row.delivered, row.bounced) for row in rows] == [("harbor", 2, 1), ("Unknown", 1, 0)]


def test_hours_are_those_of_the_coalition_and_late_clicks_stand_apart(ten):
    mailing = make_sent(ten, days_ago=40)
    clicked(mailing, 2, 3, hours=1)
    clicked(mailing, 1, hours=50)
    clicked(mailing, 4, hours=24 * 35)
    found, released = people.report(mailing).clicks, mailing.released_at
    assert [(span.people, span.clicks) for span in hours.first_day(found, released)[:3]] == [(0, 0), (2, 3), (0, 0)]
    assert [span.clicks for span in hours.by_day(found, released)] == [3, 0, 1, 0, 0, 4]
    assert sum(span.clicks for span in hours.of_the_day(found, released)) == 4


def test_growth_counts_each_new_supporter_once_and_toward_the_goal(mailing):
    code, slug = f"mailing-{mailing.id}", growth.archiving.place_of(mailing).slug
    first, _ = joined(made_source(via=code, utm_campaign=code), 2)
    joined(made_source(utm_source="archive", utm_campaign=slug))
    brought = made_source(via=first.share_code)
    joined(brought, 3)
    joined(made_source(via=first.share_code, utm_campaign=slug))  # Shared from the page by somebody who came by a link.
    joined(made_source(utm_source="elsewhere"))
    today = clock.today()
    values = {"metric": "confirmed_sign_ups", "title": "800", "target": 800, "deadline": today + timedelta(days=9)}
    factories.add(growth.Goal(starts_on=today - timedelta(days=30), **values))
    db.session.commit()
    found = people.report(mailing).growth
    assert {way: len(moments) for way, moments in found.ways.items()} == {"links": 2, "page": 2, "onward": 3}
    (part,) = growth.toward_goals(mailing, found)
    assert (part.number, found.total) == (7, 7) and part.counted > 7
