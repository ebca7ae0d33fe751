"""Thirty days across each change of daylight saving, with restarts and double runs: each due ask is named twice."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers.reminders import digest
from tests import factories

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Honolulu")
DAYS = 30


@pytest.fixture
def owners(app):
    return [factories.make_user("organizer", zone=zone) for zone in ZONES]


def make_asks(owners, first, dice):
    """Return the number of asks made, each named for when it is due and whose it is, some on every day."""
    planned = []
    for owner in owners:
        for number in range(5, DAYS - 4):
            for copy in range(dice.choice((0, 1, 2))):
                due_on = first + timedelta(days=number)
                title = f"{owner.email} {due_on} {copy}"
                factories.make_ask(title=title, owner_id=owner.id, due_on=due_on)
                planned.append((title, due_on, owner.email, ZoneInfo(owner.zone)))
    db.session.commit()
    return planned


def run(moment, dice):
    """Run the job as a worker does, that is killed now and then before it commits, and that runs twice at times."""
    with time_machine.travel(moment, tick=False):
        for _ in range(dice.choice((1, 1, 2))):
            digest.send_due()
            if dice.random() < 0.3:
                db.session.rollback()
            else:
                db.session.commit()
            if dice.random() < 0.2:  # A new process knows nothing.
                db.session.remove()
                db.engine.dispose()


def told(seen, moment):
    """Return (address, ask, kind, moment) of all that digests named since, and note what was seen."""
    rows = db.session.query(Delivery).filter(Delivery.id > seen[-1]).order_by(Delivery.id).all()
    seen.extend(row.id for row in rows)
    return [
        (row.address, text, name.split("_")[0], moment)
        for row in rows
        for name, text in row.merge.items()
        if "_title_" in name
    ]


@pytest.mark.parametrize("first", [date(2026, 3, 1), date(2026, 10, 15)])
def test_every_due_ask_is_named_once_before_and_once_after_in_the_morning_of_its_owner(app, owners, first):
    dice = random.Random(f"{first}")
    planned = make_asks(owners, first, dice)
    moment, end = datetime(first.year, first.month, first.day, tzinfo=UTC), first + timedelta(days=DAYS)
    named, seen = [], [0]
    while moment.date() <= end:
        run(moment, dice)
        named += told(seen, moment)
        # Most runs follow at once; now and then the worker is away for most of a day.
        moment += timedelta(
            minutes=dice.choice((1, 30, 90, 150, 200)) if dice.random() < 0.95 else dice.randrange(1100)
        )
    assert len(planned) > 80
    times = Counter((title, kind) for _, title, kind, _ in named)
    assert times == {(title, kind): 1 for title, *_ in planned for kind in ("coming", "late")}
    check_hours(planned, named)


def check_hours(planned, named):
    days, whose = defaultdict(set), {title: told for title, *told in planned}
    for address, title, kind, moment in named:
        due_on, owner, zone = whose[title]
        local = moment.astimezone(zone)
        days[address, local.date()].add(moment)
        late = (local.date() - due_on).days
        assert address == owner and local.hour >= digest.MORNING
        assert -3 <= late <= 0 if kind == "coming" else late >= 1
    assert all(len(moments) == 1 for moments in days.values())
