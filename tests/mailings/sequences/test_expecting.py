"""Steps are expected on the day on which they are due, wherever that day begins."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crm.base import clock
from crm.extensions import db
from crm.mailings.sequences import expecting, running
from crm.mailings.sequences.models import SequenceRun
from tests.mailings.makers import make_people
from tests.mailings.sequences.makers import make_sequence, start

NOW = datetime(2026, 11, 18, 17, tzinfo=UTC)
DAY = date(2026, 11, 21)
ZONES = ("Asia/Kolkata", "America/St_Johns", "Asia/Kathmandu", "America/New_York")


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("zone", ZONES)
def test_minutes_before_midnight_are_of_the_day_and_minutes_after_of_the_next(app, zone):
    sequence = make_sequence([(0, None), (3, None)])
    start(sequence)
    make_people(3, confirmed_at=NOW)
    db.session.commit()
    running.work()
    midnight = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    runs = db.session.query(SequenceRun).order_by(SequenceRun.id).all()
    for run, minutes in zip(runs, (-5, -1, 5), strict=True):
        run.due_at = midnight + timedelta(minutes=minutes)
    db.session.commit()
    found = expecting.between(clock.today(zone), DAY + timedelta(days=9), zone)
    assert [(one.day, one.people) for one in found] == [(DAY, 2), (DAY + timedelta(days=1), 1)]
    for one in found:
        assert len(db.session.scalars(expecting.people(sequence, one.day, zone)).all()) == one.people
