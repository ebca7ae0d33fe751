"""The arithmetic of goals."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.goals import pace

START = date(2026, 1, 5)


def at_week(week, *, actual, target=800, weeks=40):
    return pace.progress(target, START, START + timedelta(weeks=weeks), START + timedelta(weeks=week), actual)


def test_800_in_40_weeks_with_160_after_week_10():
    found = at_week(10, actual=160)
    assert found.actual == 160
    assert found.missing == 640
    assert round(found.needed_per_week, 1) == 21.3
    assert found.pace_per_week == 16
    assert found.forecast_week == 50
    assert found.forecast_on == START + timedelta(weeks=50)
    assert found.weeks_late == 10
    assert found.state == "behind"


def test_a_goal_ahead_of_its_pace():
    found = at_week(10, actual=400)
    assert (found.forecast_week, found.weeks_late, found.state) == (20, -20, "ahead")


def test_exactly_in_time_is_not_behind():
    found = at_week(10, actual=200)
    assert (found.weeks_late, found.state) == (0, "ahead")


def test_no_sign_ups_give_no_forecast():
    found = at_week(10, actual=0)
    assert (found.pace_per_week, found.forecast_on, found.weeks_late) == (0, None, None)
    assert round(found.needed_per_week, 1) == 26.7
    assert found.state == "behind"


def test_a_goal_reached_needs_nothing_more():
    found = at_week(10, actual=801)
    assert (found.missing, found.needed_per_week, found.forecast_on, found.state) == (0, None, None, "reached")


def test_799_of_800_is_not_a_hundred_percent():
    assert at_week(39, actual=799).percent == 99


def test_a_deadline_that_passed():
    found = at_week(41, actual=700)
    assert (found.needed_per_week, found.weeks_left, found.state) == (None, 0, "missed")


def test_the_day_of_the_deadline_still_counts():
    assert at_week(40, actual=700).state == "behind"


def test_a_goal_that_has_not_started():
    found = at_week(-2, actual=0)
    assert (found.state, found.weeks_left, found.needed_per_week) == ("waiting", 40, 20)


def test_the_first_week_is_too_early_for_a_forecast():
    assert at_week(6 / 7, actual=5).forecast_on is None
    assert at_week(6 / 7, actual=5).state == "early"
    assert at_week(0, actual=0).pace_per_week is None


def test_a_pace_that_takes_for_ever_gives_no_date():
    found = at_week(39, actual=1, target=10_000_000)
    assert (found.forecast_on, found.state) == (None, "behind")


def hour(day, source, number, *, at=12):
    moment = datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=at)
    return moment, source, number


def test_the_split_by_week_and_source_adds_up():
    hours = [hour(0, "Site", 3), hour(6, "Site", 2), hour(7, "Harbor House", 4), hour(20, "Site", 1)]
    split = pace.split(hours, START, START + timedelta(days=22), "UTC")
    assert split.weeks == [START + timedelta(weeks=n) for n in range(4)]
    assert split.counts == {"Site": [5, 0, 1, 0], "Harbor House": [0, 4, 0, 0]}
    assert split.total == 10


def test_many_sources_are_gathered_and_still_add_up():
    hours = [hour(n, f"Source {n}", 10 - n) for n in range(9)]
    split = pace.split(hours, START, START + timedelta(days=10), "UTC")
    assert list(split.counts) == ["Source 0", "Source 1", "Source 2", "Source 3", "Source 4", "Other"]
    assert split.total == sum(10 - n for n in range(9))


def test_a_source_called_other_is_not_lost():
    hours = [hour(0, "Other", 50), *(hour(0, f"S{n}", n + 1) for n in range(7))]
    split = pace.split(hours, START, START, "UTC")
    assert split.total == 50 + 28


def test_an_evening_in_boston_belongs_to_its_own_day():
    hours = [hour(7, "Site", 1, at=2)]
    assert pace.split(hours, START, START + timedelta(days=8), "America/New_York").counts == {"Site": [1, 0]}
    assert pace.split(hours, START, START + timedelta(days=8), "UTC").counts == {"Site": [0, 1]}


def test_a_goal_in_the_future_has_one_empty_week():
    split = pace.split([], START, START - timedelta(days=30), "UTC")
    assert (split.weeks, split.total) == ([], 0) or len(split.weeks) == 1


@pytest.mark.parametrize("actual", [0, 1, 7, 800])
def test_needed_and_left_always_lead_to_the_target(actual):
    found = at_week(13, actual=actual)
    assert found.actual + (found.needed_per_week or 0) * found.weeks_left == pytest.approx(800)
