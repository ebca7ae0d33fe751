"""Days begin at midnight of a zone."""

from datetime import UTC, date, datetime

from crm.base import clock


def test_a_day_begins_at_midnight_of_its_zone_on_days_when_clocks_change_too():
    assert clock.midnight(date(2026, 11, 1), "America/New_York") == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert clock.midnight(date(2026, 11, 2), "America/New_York") == datetime(2026, 11, 2, 5, tzinfo=UTC)
