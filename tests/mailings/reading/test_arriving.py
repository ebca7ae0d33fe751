"""Who follows a link seconds after such copies left is a robot, whatever wave, step or issue it was."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock, wall_clock
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.sequences import running
from crm.mailings.waves.planning import Timing
from tests import factories
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.reading.people import AMINA, BAO, CARLA, Link, path
from tests.mailings.sequences.makers import make_sequence, start

SECOND = timedelta(seconds=1)
READS = "Read [it](https://bill.example/)"


@pytest.fixture
def clocks(app):
    with time_machine.travel("2026-11-29 09:50:00+00:00", tick=False) as traveller:
        yield traveller


def counted(mailing: Mailing) -> tuple[int, int]:
    """Clicks of people, and of robots."""
    db.session.rollback()
    db.session.expire_all()
    found = clicks.of(db.session.get_one(Mailing, mailing.id))
    return found.total, found.robots


def follow(client, mailing: Mailing, headers: dict[str, str]) -> None:
    one = mailing.messages[-1]
    link = Link(mailing.links[0], mailing)
    client.get(path(link, f"{one.language}:{one.variant}".rstrip(":")), headers=headers)


def live_step() -> Mailing:
    """The mailing of the only step of a sequence, which goes out at once to whoever confirms."""
    sequence = make_sequence([(0, None)])
    mailing = sequence.steps[0].mailing
    mailing.body = READS
    db.session.commit()
    start(sequence)
    return mailing


def leave() -> None:
    """Let what waits be sent now."""
    waiting = db.session.query(Delivery).filter_by(state="queued")
    waiting.update({"state": "sent", "sent_at": clock.now()})
    db.session.commit()


def test_seconds_after_a_later_wave_left(client, clocks):
    make_people(20)
    mailing = make_mailing(body=READS, markup="markdown")
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"), timing=Timing(spread=60))
    db.session.commit()
    scheduling.release_due()
    clocks.shift(timedelta(minutes=5))
    scheduling.release_due()
    leave()
    clocks.shift(9 * SECOND)
    follow(client, mailing, AMINA)
    assert counted(mailing) == (0, 1)
    clocks.shift(2 * SECOND)
    follow(client, mailing, BAO)
    assert counted(mailing) == (1, 1)


def test_seconds_after_somebody_s_step_left(client, clocks):
    mailing = live_step()
    for headers in (AMINA, BAO):
        factories.make_contact(topics={"action-alerts": "active"}, confirmed_at=clock.now() + SECOND)
        db.session.commit()
        clocks.shift(timedelta(hours=1))
        running.work()
        leave()
        clocks.shift(9 * SECOND)
        follow(client, mailing, headers)
    assert counted(mailing) == (0, 2)
    clocks.shift(2 * SECOND)
    follow(client, mailing, CARLA)
    assert counted(mailing) == (1, 2)


def test_whoever_had_the_step_before_reads_on_while_others_get_it(client, clocks):
    mailing = live_step()
    clocks.shift(SECOND)
    for one in make_people(5):
        one.confirmed_at = clock.now()
    db.session.commit()
    running.work()
    for copy in db.session.query(Delivery).all():
        clocks.shift(10 * SECOND)
        copy.state, copy.sent_at = "sent", clock.now()
        db.session.commit()
    follow(client, mailing, AMINA)
    assert counted(mailing) == (0, 1), "nobody has had it for longer than a minute"
    clocks.shift(30 * SECOND)
    db.session.query(Delivery).filter_by(id=copy.id).update({"sent_at": clock.now()})
    db.session.commit()
    follow(client, mailing, BAO)
    assert counted(mailing) == (1, 1)
