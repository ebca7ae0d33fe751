"""Limits that are rows."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock, limits
from crm.extensions import db


@pytest.mark.usefixtures("one_hour")
def test_the_fourth_try_of_three_is_refused_and_survives_a_new_session(app):
    hour = timedelta(hours=1)
    assert [limits.allow("confirm:a", 3, hour) for _ in range(3)] == [True, True, True]
    db.session.commit()
    db.session.remove()
    assert not limits.allow("confirm:a", 3, hour)
    assert limits.allow("confirm:b", 3, hour)


@pytest.mark.usefixtures("one_hour")
def test_forgotten_tries_begin_anew(app):
    hour = timedelta(hours=1)
    limits.count("login:a", hour)
    assert limits.tries("login:a", hour) == 1
    limits.forget("login:a")
    db.session.expire_all()
    assert limits.tries("login:a", hour) == 0


def test_no_hour_holds_more_than_its_limit_wherever_it_begins(app):
    hour, minute, begun = timedelta(hours=1), timedelta(minutes=1), clock.now().replace(minute=55)
    let_through = []
    for passed in range(0, 180, 5):
        with time_machine.travel(begun + passed * minute, tick=False):
            if limits.roll("sign-up:a", hour).tries <= 3:
                let_through.append(passed)
                db.session.commit()
            else:
                db.session.rollback()  # As a form does that is refused; so it does not count.
                assert begun + passed * minute < limits.rolls_on("sign-up:a", hour) <= begun + (passed + 70) * minute
    assert let_through[:3] == [0, 5, 10] and len(let_through) == 9
    assert all(late - early > 60 for early, late in zip(let_through, let_through[3:], strict=False))


def test_who_counts_a_try_sees_what_was_counted_beside_it_in_this_window_and_the_last(app):
    hour, begun = timedelta(hours=1), clock.now().replace(minute=0)
    with time_machine.travel(begun, tick=False):
        for _ in range(3):
            limits.count("doubts:a", hour)
    with time_machine.travel(begun + hour, tick=False):
        limits.count("doubts:a", hour)
        seen = limits.roll("sign-up:a", hour, {"doubts:a": hour, "doubts:b": hour})
        assert (seen.tries, seen.beside) == (1, {"doubts:a": 3, "doubts:b": 0})
    with time_machine.travel(begun + 2 * hour, tick=False):
        assert limits.roll("sign-up:a", hour, {"doubts:a": hour}).beside == {"doubts:a": 1}


@pytest.mark.usefixtures("one_hour")
def test_what_comes_again_counts_once_among_the_different_and_each_time_in_common(app):
    hour = timedelta(hours=1)
    for key in ("a", "b", "a", "a"):
        limits.count_different(f"address:{key}", "addresses", hour, "rush", hour)
    counted = {key: limits.tries(key, hour) for key in ("address:a", "address:b", "addresses", "rush")}
    assert counted == {"address:a": 3, "address:b": 1, "addresses": 2, "rush": 4}


def test_counters_that_nothing_looks_at_any_more_are_dropped_chunk_by_chunk(app, monkeypatch):
    hour, begun = timedelta(hours=1), clock.now()
    monkeypatch.setattr(limits, "CHUNK", 2)
    with time_machine.travel(begun - timedelta(days=3), tick=False):
        for number in range(5):
            limits.count(f"old:{number}", hour)
        db.session.commit()
    limits.count("new", hour)
    db.session.commit()
    limits.prune()
    assert [number for number in range(5) if limits.happened(f"old:{number}")] == []
    assert limits.happened("new")
