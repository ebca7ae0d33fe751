"""Clicks of people: counted by link, hour and language, once a day each, and by no name."""

from datetime import timedelta
from itertools import pairwise

import time_machine
from sqlalchemy import select

from crm import timetable
from crm.base import clock
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks, counting
from crm.mailings.reading.models import ClickVisit, ClickVisitor, MailingClick
from tests.mailings.reading.people import AMINA, BAO, CARLA, make_links, path


def click(client, link, who=AMINA, network="203.0.113.7", **about):
    answer = client.get(path(link, **about), headers=who, environ_base={"REMOTE_ADDR": network})
    assert answer.location == link.url


def of(link) -> clicks.Clicks:
    db.session.expire_all()
    return clicks.of(db.session.get_one(Mailing, link.mailing_id))


def test_unique_stands_beside_total(client, app):
    first, second = make_links(2)
    with time_machine.travel(clock.now()) as clocks:
        for who, link in ((AMINA, first), (AMINA, first), (AMINA, second), (BAO, first)):
            click(client, link, who)
            clocks.shift(timedelta(minutes=2))
    found = of(first)
    assert (found.total, found.unique, found.robots, found.known) == (4, 2, 0, 0)
    assert [(link.url, link.clicks, link.visitors) for link in found.links] == [
        ("https://x.example/1", 3, 2),
        ("https://x.example/2", 1, 1),
    ]


def test_each_hour_and_each_language_has_its_number(client, app):
    with time_machine.travel("2026-11-29 09:50:00+00:00") as clocks:
        (link,) = make_links()
        click(client, link)
        clocks.shift(timedelta(minutes=20))
        click(client, link, BAO, language="es")
        clocks.shift(timedelta(minutes=20))
        click(client, link, CARLA, language="es")
    found = of(link)
    assert [(f"{hour:%H:%M}", people, clicks) for hour, people, clicks in found.hours] == [
        ("09:00", 1, 1),
        ("10:00", 2, 2),
    ]
    assert found.texts == [(("en", ""), 1, 1), (("es", ""), 2, 2)]


def test_a_late_click_is_counted_under_its_month(app):
    released = clock.now() - timedelta(days=31)
    assert counting.hour_of(clock.now(), released).day == 1
    times = [counting.hour_of(released + timedelta(days=day, hours=5), released) for day in range(40, 400)]
    assert len(set(times)) < 15 and all(before <= after for before, after in pairwise(times))


def test_the_same_browser_on_another_day_is_not_known_again(client, app):
    with time_machine.travel("2026-11-28 12:00:00+00:00") as clocks:
        (link,) = make_links()
        click(client, link)
        before = db.session.scalar(select(ClickVisitor.visitor))
        clocks.shift(timedelta(days=1))
        click(client, link)
    assert len({before, *db.session.scalars(select(ClickVisitor.visitor))}) == 2
    assert of(link).unique == 2


def test_nothing_that_is_kept_tells_the_network_or_the_browser(client, app):
    (link,) = make_links()
    click(client, link, network="198.51.100.23")
    models = (ClickVisitor, ClickVisit, MailingClick)
    rows = [vars(row) for model in models for row in db.session.scalars(select(model))]
    kept = " ".join(str(value) for row in rows for value in row.values())
    assert "198.51.100" not in kept and "Firefox" not in kept


def test_by_what_visitors_are_known_is_gone_within_a_day_and_the_numbers_stay(client, app):
    (link,) = make_links()
    (job,) = [job for job in timetable.JOBS if job.name == "forget who followed links today"]
    with time_machine.travel(clock.now()) as clocks:
        click(client, link)
        click(client, link, BAO)
        job.run()
        db.session.commit()
        assert db.session.query(ClickVisit).count() == 2
        clocks.shift(timedelta(days=1) - job.every)
        job.run()
        db.session.commit()
    assert db.session.query(ClickVisitor).count() == db.session.query(ClickVisit).count() == 0
    assert of(link).total == 2


def test_where_a_click_cannot_be_counted_it_still_leads_there(client, app):
    (link,) = make_links()
    db.session.execute(db.text("ALTER TABLE click_visit RENAME TO away"))
    db.session.commit()
    try:
        click(client, link)
    finally:
        db.session.rollback()
        db.session.execute(db.text("ALTER TABLE away RENAME TO click_visit"))
        db.session.commit()
    assert of(link).total == 0
    click(client, link)
    assert of(link).total == 1
