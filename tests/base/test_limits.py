"""Limits that are rows."""

from datetime import timedelta

import pytest

from crm.base import limits
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
