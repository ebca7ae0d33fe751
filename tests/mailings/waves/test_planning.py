"""When whose turn comes."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.base.wall_clock import BadTime
from crm.mailings.waves import planning
from crm.mailings.waves.planning import Timing, Wave

NINE = datetime(2026, 12, 1, 9, 0)
LONG_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"


def planned(timing: Timing, lived_in: list[str], now: datetime = LONG_BEFORE) -> list[Wave]:
    return planning.waves({zone: planning.start(NINE, zone, timing) for zone in lived_in}, timing, now)


def local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M}"


def test_a_mailing_without_timing_goes_in_one_wave():
    now = datetime(2026, 12, 1, 14, 0, 7, tzinfo=UTC)
    assert planned(Timing(), [NEW_YORK], now) == [Wave(now)]


def test_each_zone_has_its_own_wave_at_the_chosen_hour():
    zones = [NEW_YORK, CHICAGO, "Asia/Kathmandu", "Pacific/Honolulu"]
    found = planned(Timing(own_time=True), zones)
    assert [wave.zones for wave in found] == [["Asia/Kathmandu"], [NEW_YORK], [CHICAGO], None]
    for wave, zone in zip(found, ["Asia/Kathmandu", NEW_YORK, CHICAGO, "Pacific/Honolulu"], strict=True):
        assert local(wave.due_at, zone) == "01 09:00"


def test_an_hour_that_a_zone_skips_means_the_hour_after_and_one_that_it_repeats_the_first():
    skipped = planning.start(datetime(2027, 3, 14, 2, 30), NEW_YORK)
    assert local(skipped, NEW_YORK) == "14 03:30"
    repeated = planning.start(datetime(2026, 11, 1, 1, 30), NEW_YORK)
    assert repeated == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_shares_are_equal_follow_each_other_and_leave_nobody_out():
    found = planned(Timing(spread=60), [NEW_YORK])
    assert len(found) == 12
    assert found[0] == Wave(datetime(2026, 12, 1, 14, 0, tzinfo=UTC), None, 0, 83)
    assert all(one.last == two.first for one, two in itertools.pairwise(found[:-1]))
    assert {two.due_at - one.due_at for one, two in itertools.pairwise(found)} == {timedelta(minutes=5)}
    assert (found[-1].first, found[-1].last, found[-1].zones) == (0, 1000, None)


def test_what_does_not_fit_into_the_hours_of_the_day_goes_on_the_next_morning():
    timing = Timing(spread=180, opens=8 * 60, closes=10 * 60)
    found = planned(timing, [NEW_YORK])
    assert local(found[0].due_at, NEW_YORK) == "01 09:00"
    assert {local(wave.due_at, NEW_YORK)[:2] for wave in found} == {"01", "02"}
    assert all("08:00" <= local(wave.due_at, NEW_YORK)[3:] < "10:00" for wave in found)
    assert local(found[-1].due_at, NEW_YORK) == "02 09:55"


def test_what_is_chosen_before_or_after_the_hours_waits_for_them():
    early, late = (Timing(opens=opens, closes=opens + 60) for opens in (10 * 60, 7 * 60))
    assert local(planning.start(NINE, NEW_YORK, early), NEW_YORK) == "01 10:00"
    assert local(planning.start(NINE, NEW_YORK, late), NEW_YORK) == "02 07:00"


def test_nobody_is_due_before_now():
    now = datetime(2026, 12, 1, 14, 30, tzinfo=UTC)
    found = planned(Timing(own_time=True), [NEW_YORK, CHICAGO], now)
    assert [wave.due_at for wave in found] == [now, datetime(2026, 12, 1, 15, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    "values", [{"opens": 480}, {"opens": 480, "closes": 500}, {"opens": 1200, "closes": 480}, {"spread": 99999}]
)
def test_a_timing_that_leaves_no_time_is_refused(values):
    with pytest.raises(BadTime):
        Timing(**values)
