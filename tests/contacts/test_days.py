"""What people did counts on the day of the coalition's clocks on which they did it, in every zone and to the second."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crm.base.registries import metrics
from crm.extensions import db
from crm.goals import progress
from crm.organizations import coalition
from crm.site.growth import figures
from tests import factories
from tests.factories import make_contact

SECOND = timedelta(seconds=1)
ZONES = {
    "Asia/Kolkata": date(2026, 11, 9),  # Half an hour off.
    "Asia/Kathmandu": date(2026, 11, 9),  # A quarter of an hour off.
    "America/New_York": date(2026, 11, 2),  # The day before it has 25 hours.
    "Australia/Lord_Howe": date(2026, 10, 5),  # The day before it is shorter by half an hour.
    "America/Santiago": date(2026, 9, 6),  # It begins at one o'clock.
    "UTC": date(2026, 11, 9),
}


@pytest.fixture(params=ZONES)
def border(app, request):
    """The begin of a day in each of the zones; two confirmed just before it, three at once or soon after it."""
    coalition.current().zone, day = request.param, ZONES[request.param]
    begin = datetime.combine(day, datetime.min.time(), ZoneInfo(request.param)).astimezone(UTC)
    for shift in (-timedelta(minutes=5), -SECOND / 5000, timedelta(), SECOND / 5000, timedelta(minutes=40)):
        make_contact(confirmed_at=begin + shift)
    db.session.commit()
    with time_machine.travel(begin + timedelta(days=1, hours=9), tick=False):
        yield day


def test_they_are_told_by_day(border):
    span = coalition.midnight(border - timedelta(days=40)), coalition.midnight(border + timedelta(days=2))
    days = metrics["confirmed_sign_ups"].by_day(*span)
    assert sorted(days) == [(border - timedelta(days=1), "Unknown", 2, None), (border, "Unknown", 3, None)]


def test_a_week_of_a_goal_begins_with_that_day(border):
    goal = factories.make_goal(target=9, starts_on=border - timedelta(weeks=1), deadline=border + timedelta(weeks=9))
    assert progress.by_week(goal).counts == {"Unknown": [2, 3]}


def test_a_week_of_growth_begins_with_that_day(border):
    growth = figures.of(30)
    weeks = dict(zip(growth.kinds, growth.by_week, strict=True))["confirmed_sign_ups", "Signed up"]
    assert dict(zip(growth.weeks, weeks, strict=True)) == {
        border + timedelta(weeks=n): {-1: 2, 0: 3}.get(n, 0) for n in range(-4, 1)
    }
