"""Robots are led on and counted apart, and what looked like a person's click can turn out to be one of theirs."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks, robots
from tests.mailings.reading.people import AMINA, BAO, CARLA, CHROME, FIREFOX, IPHONE, make_links, path

SECOND = timedelta(seconds=1)


@pytest.fixture
def clocks(app):
    with time_machine.travel("2026-11-29 09:50:00+00:00", tick=False) as traveller:
        yield traveller


def go(client, link, headers=AMINA, method="GET", network="203.0.113.7", **about):
    return client.open(path(link, **about), method=method, headers=headers, environ_base={"REMOTE_ADDR": network})


def counted(link) -> tuple[int, int, int]:
    """Clicks of people, people, and clicks of robots."""
    db.session.rollback()
    db.session.expire_all()
    found = clicks.of(db.session.get_one(Mailing, link.mailing_id))
    return found.total, found.unique, found.robots


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": ""},
        {"User-Agent": "Googlebot/2.1"},
        {"User-Agent": "curl/8.5"},
        {"User-Agent": "python-requests/2.32"},
        {"User-Agent": "Barracuda Sentinel (EE)"},
        {"User-Agent": CHROME.replace("Chrome", "HeadlessChrome")},
        {"User-Agent": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)"},
        {"Accept-Language": ""},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"Sec-Fetch-Dest": "empty"},
        {"From": "scanner@example.com"},
    ],
)
def test_who_says_so_is_a_robot(client, clocks, headers):
    (link,) = make_links()
    assert go(client, link, {**AMINA, **headers}).location == link.url
    assert counted(link) == (0, 0, 1)


def test_head_and_options_are_no_clicks(client, clocks):
    (link,) = make_links()
    assert go(client, link, method="HEAD").location == link.url
    assert go(client, link, method="OPTIONS").status_code == 200
    assert counted(link) == (0, 0, 1)


def test_ordinary_browsers_are_people(client, clocks):
    (link,) = make_links()
    for name in (FIREFOX, IPHONE, CHROME, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"):
        go(client, link, {"User-Agent": name, "Accept-Language": "en"})
    assert counted(link) == (4, 4, 0)


def test_nobody_follows_a_link_seconds_after_the_mail_came(client, clocks):
    (link,) = make_links()
    db.session.get_one(Mailing, link.mailing_id).released_at = clock.now() - 9 * SECOND
    go(client, link)
    assert counted(link) == (0, 0, 1)
    clocks.shift(2 * SECOND)
    go(client, link)
    assert counted(link) == (1, 1, 1)


def test_the_second_link_within_a_second_turns_the_first_click_into_a_robots(client, clocks):
    first, second = make_links(2)
    go(client, first)
    assert counted(first) == (1, 1, 0)
    clocks.shift(SECOND / 2)
    go(client, second)
    assert counted(first) == (0, 0, 2)
    clocks.shift(timedelta(hours=2))
    go(client, first)
    assert counted(first) == (0, 0, 3), "it stays one for the day"


def test_what_a_robot_has_followed_in_other_mailings_turns_too(client, clocks):
    (one,), (other,) = make_links(), make_links()
    go(client, one)
    go(client, other)
    assert counted(one) == counted(other) == (0, 0, 1)


def test_others_behind_the_same_network_stay_people(client, clocks):
    first, second = make_links(2)
    go(client, first, BAO)
    go(client, first, CARLA)
    for link in (first, second):
        go(client, link, AMINA)
    assert counted(first) == (2, 2, 2)


def test_a_slow_scanner_follows_all_links_one_after_the_other(client, clocks):
    links = make_links(5)
    for link in links:
        go(client, link)
        clocks.shift(4 * SECOND)
    assert counted(links[0]) == (0, 0, 5)


def test_somebody_who_reads_follows_all_links_too(client, clocks):
    links = make_links(5)
    for link in links:
        go(client, link)
        clocks.shift(20 * SECOND)
    assert counted(links[0]) == (5, 1, 0)


def test_the_same_link_over_and_over_is_a_robots(client, clocks):
    (link,) = make_links()
    for _ in range(12):
        go(client, link)
        clocks.shift(SECOND / 2)
    assert counted(link) == (0, 0, 12)


def test_a_double_click_is_a_persons(client, clocks):
    (link,) = make_links()
    for _ in range(2):
        go(client, link)
        clocks.shift(SECOND / 4)
    assert counted(link) == (2, 1, 0)


def test_a_sender_who_changes_its_name_with_each_request_is_found_by_its_network(client, clocks):
    (link,) = make_links()
    for number in range(60):
        go(client, link, {**AMINA, "User-Agent": f"{FIREFOX} {number}"})
    people, _, of_robots = counted(link)
    assert (people, of_robots) == (robots.MOST_STRANGERS, 30)
    go(client, link, BAO, network="198.51.100.9")
    assert counted(link)[0] == people + 1


def test_the_rules_of_thumb(app):
    begun = clock.now()
    at = [begun + number * SECOND for number in range(10)]
    assert robots.in_a_burst([at[0], at[0] + SECOND / 2])
    assert not robots.in_a_burst([at[0], at[1]]) and not robots.in_a_burst([at[0]])
    assert robots.in_a_burst([at[0], at[5], at[6], at[6] + SECOND / 3])
    assert robots.all_at_once(at[:3], 3) and not robots.all_at_once(at[:2], 2) and not robots.all_at_once(at[:3], 9)
    assert robots.all_at_once(at[:8], 40)
