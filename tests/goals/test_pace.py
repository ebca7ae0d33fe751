"""The arithmetic of goals."""

from datetime import date, timedelta

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


def on(day, source, number):
    return START + timedelta(days=day), source, number


def test_the_split_by_week_and_source_adds_up():
    days = [on(0, "Site", 3), on(6, "Site", 2), on(7, "Harbor House", 4), on(20, "Site", 1)]
    split = pace.split(days, START, START + timedelta(days=22))
    assert split.weeks == [START + timedelta(weeks=n) for n in range(4)]
    assert split.counts == {"Site": [5, 0, 1, 0], "Harbor House": [0, 4, 0, 0]}
    assert split.total == 10


def test_many_sources_are_gathered_and_still_add_up():
    days = [on(n, f"Source {n}", 10 - n) for n in range(9)]
    split = pace.split(days, START, START + timedelta(days=10))
    assert list(split.counts) == ["Source 0", "Source 1", "Source 2", "Source 3", "Source 4", "Other"]
    assert split.total == sum(10 - n for n in range(9))


def test_a_source_called_other_is_not_lost():
    days = [on(0, "Other", 50), *(on(0, f"S{n}", n + 1) for n in range(7))]
    split = pace.split(days, START, START)
    assert split.total == 50 + 28


def test_a_goal_in_the_future_has_one_empty_week():
    split = pace.split([], START, START - timedelta(days=30))
    assert (split.weeks, split.total) == ([], 0) or len(split.weeks) == 1


@pytest.mark.parametrize("actual", [0, 1, 7, 800])
def test_needed_and_left_always_lead_to_the_target(actual):
    found = at_week(13, actual=actual)
    assert found.actual + (found.needed_per_week or 0) * found.weeks_left == pytest.approx(800)
