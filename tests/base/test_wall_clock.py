"""Planning a time in a named zone, also where clocks change."""

from datetime import UTC, datetime

import pytest

from crm.base import wall_clock


def test_a_wall_clock_time_means_one_moment_in_its_zone():
    planned = wall_clock.plan("2026-12-01T09:00", "America/New_York")
    assert planned.moment == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
    assert (planned.zone, planned.local, planned.note) == ("America/New_York", "2026-12-01T09:00", "")


def test_the_same_wall_clock_time_follows_daylight_saving():
    summer = wall_clock.plan("2026-07-01T09:00", "America/New_York")
    assert summer.moment == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "zone"),
    [
        ("2027-03-14T02:30", "America/New_York"),
        ("2027-03-28T02:00", "Europe/Berlin"),
        ("2027-09-05T00:30", "America/Santiago"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(local, zone):
    with pytest.raises(wall_clock.BadTime, match="does not exist"):
        wall_clock.plan(local, zone)


def test_no_zone_is_none():
    with pytest.raises(wall_clock.BadTime, match="not a time zone"):
        wall_clock.plan("2026-12-01T09:00", "")


def test_of_a_time_that_comes_twice_the_first_is_taken_and_said_so():
    planned = wall_clock.plan("2026-11-01T01:30", "America/New_York")
    assert planned.moment == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert "comes twice" in planned.note


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T09:00 America/New_York",
        "2026-12-01 09:00 America/New_York",
        "2026-12-01T09:00-05:00",
        "2026-12-01T14:00Z",
    ],
)
def test_the_command_line_reads_a_named_zone_or_an_offset(text):
    assert wall_clock.parse(text, datetime.now(UTC), "UTC").moment == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-12-01T09:00", "tomorrow", "2026-12-01T09:00 Mars/Olympus", "", "2026-13-01T09:00Z", "09:00 UTC"]
)
def test_a_time_without_zone_or_sense_is_refused(text):
    with pytest.raises(wall_clock.BadTime):
        wall_clock.parse(text, datetime.now(UTC), "UTC")


def test_now_is_now():
    now = datetime.now(UTC)
    assert wall_clock.parse("now", now, "America/New_York").moment == now
