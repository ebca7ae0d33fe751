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
            if limits.roll("sign-up:a", 3, hour):
                let_through.append(passed)
                db.session.commit()
            else:
                db.session.rollback()  # As a form does that is refused; so it does not count.
                assert begun + passed * minute < limits.rolls_on("sign-up:a", hour) <= begun + (passed + 70) * minute
    assert let_through[:3] == [0, 5, 10] and len(let_through) == 9
    assert all(late - early > 60 for early, late in zip(let_through, let_through[3:], strict=False))
