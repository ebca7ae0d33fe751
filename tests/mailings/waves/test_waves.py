"""A mailing at everybody's own hour, spread over a time, and within hours of the day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from crm.base import wall_clock
from crm.base.zones import names
from crm.contacts.merging import copies, uniting
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import commands, scheduling
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping, resting
from crm.mailings.waves.planning import Timing
from tests import factories
from tests.mailings.makers import make_mailing, make_people

NEW_YORK = "America/New_York"
BEGIN = datetime(2026, 10, 31, 5, 0, tzinfo=UTC)  # The day before the clocks of the United States go back.


@pytest.fixture
def now(app) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller


def schedule(mailing: Mailing, local: str, **timing) -> None:
    scheduling.schedule(mailing, wall_clock.plan(local, NEW_YORK), timing=Timing(**timing))
    db.session.commit()


def got() -> dict[str, datetime]:
    return dict(db.session.execute(select(Delivery.address, Delivery.next_attempt_at)).all())


def tick(now: time_machine.Traveller, minutes: int, every: int = 1, around: int = 1) -> dict[str, datetime]:
    """Let that many minutes pass; return when each copy was queued first.

    around: only the minute before, at and after each that many minutes is lived through, and the others skipped.
    """
    first: dict[str, datetime] = {}
    for minute in range(0, minutes, every):
        if around > 1 and (minute + 1) % around > 2:
            now.shift(timedelta(minutes=every))
            continue
        scheduling.release_due()
        at = datetime.now(UTC)
        for address in db.session.scalars(select(Delivery.address)):
            first.setdefault(address, at)
        now.shift(timedelta(minutes=every))
    return first


def one_of_each_offset() -> dict[str, str]:
    """Thirty zones, of all that there are at most one for each distance from Greenwich."""
    by_offset = {}
    for name in names():
        by_offset.setdefault(BEGIN.astimezone(ZoneInfo(name)).utcoffset(), name)
    return {f"p{number}@mail.example": name for number, name in enumerate([*by_offset.values()][:30])}


def test_in_thirty_zones_each_gets_it_within_a_minute_of_the_chosen_hour(now):
    people = one_of_each_offset()
    assert len(people) == 30
    for address, zone in people.items():
        factories.make_contact(address, zone=zone, topics={"action-alerts": "active"})
    mailing = make_mailing()
    schedule(mailing, "2026-11-01T09:00", own_time=True)
    now.move_to(datetime(2026, 10, 31, 18, 45, tzinfo=UTC))
    first = tick(now, 27 * 60, around=15)
    assert set(first) == set(people)
    for address, zone in people.items():
        chosen = datetime(2026, 11, 1, 9, 0, tzinfo=ZoneInfo(zone))
        assert timedelta(0) <= first[address] - chosen <= timedelta(minutes=1), zone
    db.session.refresh(mailing)
    assert mailing.frozen_at is not None


def test_the_state_on_record_tells_the_zone_and_the_mailing_s_own_is_for_the_rest(now):
    for address, state in (("ca@mail.example", "CA"), ("ny@mail.example", "ny"), ("none@mail.example", "")):
        factories.make_contact(address, state=state, topics={"action-alerts": "active"})
    schedule(make_mailing(), "2026-10-31T09:00", own_time=True)
    first = tick(now, 24 * 60, every=5)
    told = {address: f"{at:%H:%M}" for address, at in first.items()}
    assert told == {"ca@mail.example": "16:00", "ny@mail.example": "13:00", "none@mail.example": "13:00"}


def test_an_hour_that_is_over_for_some_is_refused_with_their_number_and_the_hour_is_told_as_everybody_s_own(
    app, as_alice
):
    make_people(2, zone="Asia/Manila")
    make_people(1, state="NY")
    mailing = make_mailing()
    form = {"zone": NEW_YORK, "version": mailing.version, "when": "later", "own_time": "y"}
    here = datetime.now(ZoneInfo(NEW_YORK))
    refused = as_alice.post(
        f"/staff/mailings/{mailing.id}/schedule", data=form | {"at": f"{here + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    )
    assert "by the clocks of 2 of 3 people (Asia/Manila)" in refused.text
    day = f"{here + timedelta(days=3):%Y-%m-%d}"
    as_alice.post(f"/staff/mailings/{mailing.id}/schedule", data=form | {"at": f"{day}T09:00"})
    first = wall_clock.tell(datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo("Asia/Manila")), NEW_YORK)
    told = f"09:00 of everybody&#39;s own time, first on {first}"
    pages = ("/staff/mailings/", f"/staff/mailings/{mailing.id}", f"/staff/mailings/{mailing.id}/review", "/staff/")
    assert [told in as_alice.page(page).text for page in pages] == [True] * 4


@pytest.mark.parametrize(
    ("local", "timing", "told"),
    [
        (
            "2026-11-03T22:00",
            {"own_time": True, "opens": 540, "closes": 720},
            "It goes out at 09:00 of everybody&#39;s own time, first on Wed, Nov 4, 2026, 09:00 (America/New_York), "
            "only between 09:00 and 12:00.",
        ),
        (
            "2026-11-03T11:00",
            {"spread": 60, "opens": 540, "closes": 720},
            "It goes out on Tue, Nov 3, 2026, 11:00 (America/New_York), spread over 1 hour, "
            "only between 09:00 and 12:00.",
        ),
    ],
)
def test_a_scheduled_mailing_tells_how_it_goes_and_no_hour_at_which_nobody_gets_it(now, as_alice, local, timing, told):
    make_people(1, state="NY")
    mailing = make_mailing()
    schedule(mailing, local, **timing)
    assert told in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_who_signs_up_or_leaves_between_two_waves_is_seen(now):
    for state in ("NY", "CA"):
        make_people(1, state=state)
    schedule(make_mailing(), "2026-10-31T09:00", own_time=True)
    tick(now, 9 * 60, every=5)
    assert len(got()) == 1
    leaver = db.session.scalars(db.select(factories.Contact).where(factories.Contact.state == "CA")).one()
    leaver.subscriptions[0].state = "unsubscribed"
    factories.make_contact("new@mail.example", state="WA", topics={"action-alerts": "active"})
    factories.make_contact("late@mail.example", state="NY", topics={"action-alerts": "active"})
    db.session.commit()
    tick(now, 9 * 60, every=5)
    assert {"new@mail.example", "late@mail.example"} <= set(got())
    assert leaver.email not in got()


def test_who_becomes_part_of_somebody_whose_wave_is_over_gets_one_copy(now, alice):
    people = {
        name: factories.make_contact(f"{name}@mail.example", state=state, topics=topics)
        for name, state, topics in (
            ("early", "NY", {"action-alerts": "active"}),
            ("kept", "NY", {}),
            ("gone", "CO", {"action-alerts": "active"}),
            ("late", "CA", {"action-alerts": "active"}),
        )
    }
    mailing = make_mailing()
    schedule(mailing, "2026-10-31T09:00", own_time=True)
    tick(now, 9 * 60, every=5)
    assert set(got()) == {"early@mail.example"}
    merged = uniting.merge(people["kept"].id, people["gone"].id, (), alice)
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    tick(now, 9 * 60, every=5)
    db.session.refresh(mailing)
    assert mailing.frozen_at is not None
    waiting = select(Delivery.address).where(Delivery.state == "queued").order_by(Delivery.address)
    assert db.session.scalars(waiting).all() == ["early@mail.example", "kept@mail.example", "late@mail.example"]


def test_a_spread_mailing_reaches_everybody_once_in_equal_shares(now):
    make_people(100)
    schedule(make_mailing(), "2026-10-31T09:00", spread=60)
    first = tick(now, 10 * 60, every=5)
    assert len(first) == db.session.query(Delivery).count() == 100
    shares = sorted({at: list(first.values()).count(at) for at in first.values()}.items())
    assert len(shares) == 12
    assert all(7 <= number <= 10 for _, number in shares)


def test_a_wave_that_is_long_overdue_is_held_and_goes_on_by_a_word(now):
    make_people(1, state="NY")
    make_people(1, state="CA")
    mailing = make_mailing()
    schedule(mailing, "2026-10-31T09:00", own_time=True)
    tick(now, 9 * 60, every=5)
    now.shift(timedelta(hours=10))
    scheduling.release_due()
    db.session.refresh(mailing)
    assert (mailing.state, mailing.problem, len(got())) == ("paused", scheduling.OVERDUE, 1)
    scheduling.resume(mailing)
    db.session.commit()
    scheduling.release_due()
    assert len(got()) == 2


def test_outside_of_its_hours_what_was_not_sent_waits(now):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing, "2026-10-31T09:00", opens=9 * 60, closes=20 * 60)
    states = []
    for _ in range(36):
        scheduling.release_due()
        resting.rest_and_wake()
        if mailing.messages:
            message = db.session.get_one(Message, mailing.message_ids[0], populate_existing=True)
            states.append((f"{datetime.now(ZoneInfo(NEW_YORK)):%H}", message.state))
        now.shift(timedelta(hours=1))
        db.session.expire_all()
    assert {hour for hour, state in states if state == "open"} == {f"{hour:02d}" for hour in range(9, 20)}
    assert {hour for hour, state in states if state == "paused"} == {f"{h % 24:02d}" for h in range(20, 33)}


def test_what_is_let_go_on_at_night_waits_for_the_morning_at_once(now):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing, "2026-10-31T09:00", opens=9 * 60, closes=20 * 60)
    tick(now, 9 * 60, every=5)
    message = db.session.get_one(Message, mailing.message_ids[0], populate_existing=True)
    message.state, message.pause_reason = "paused", "Refused too often"
    scheduling.pause(mailing)
    db.session.commit()
    now.shift(timedelta(hours=12))
    scheduling.resume(mailing)
    db.session.commit()
    db.session.refresh(message)
    assert (mailing.state, message.state) == ("sending", "paused")
    resting.rest_and_wake()
    db.session.refresh(message)
    assert message.state == "paused"
    now.shift(timedelta(hours=12))
    resting.rest_and_wake()
    db.session.refresh(message)
    assert message.state == "open"


def test_one_that_paused_itself_is_not_let_go_by_the_hour(now):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing, "2026-10-31T09:00", opens=9 * 60, closes=20 * 60)
    tick(now, 9 * 60, every=5)
    now.shift(timedelta(hours=12))
    resting.rest_and_wake()
    message = db.session.get_one(Message, mailing.message_ids[0], populate_existing=True)
    message.pause_reason = "Refused too often"
    db.session.commit()
    now.shift(timedelta(hours=12))
    resting.rest_and_wake()
    db.session.refresh(message)
    assert message.state == "paused"


def test_the_choice_stands_in_its_form_and_the_waves_on_its_page(app, as_alice):
    make_people(1, state="CA")
    mailing = make_mailing()
    address = f"/staff/mailings/{mailing.id}"
    chosen = {"own_time": "y", "spread": "60", "opens": "08:00", "closes": "20:00"}
    form = {"at": "2027-11-01T09:00", "zone": NEW_YORK, "version": mailing.version, "when": "later"}
    assert as_alice.post(f"{address}/schedule", data=form | chosen).status_code == 302
    assert keeping.timing(db.session.get_one(Mailing, mailing.id)) == Timing(True, 60, 480, 1200)
    review = as_alice.get(f"{address}/review").text
    assert 'value="08:00"' in review
    assert 'value="20:00"' in review
    for hour, minute in ((13, 0), (16, 17)):
        with time_machine.travel(datetime(2027, 11, 1, hour, minute, tzinfo=UTC)):
            scheduling.release_due()
    shown = as_alice.get(address).text
    assert "4 of 12 waves have begun; the next on Mon, Nov 1, 2027, 12:20 (America/New_York)" in shown


def test_hours_that_leave_no_time_are_refused_and_nothing_typed_is_lost(app, as_alice):
    make_people(1)
    mailing = make_mailing()
    form = {"at": "2027-11-01T09:00", "zone": NEW_YORK, "version": mailing.version, "when": "later"}
    answer = as_alice.post(f"/staff/mailings/{mailing.id}/schedule", data=form | {"opens": "20:00", "closes": "08:00"})
    assert "Leave at least an hour" in answer.text
    assert 'value="20:00"' in answer.text
    assert 'value="2027-11-01T09:00"' in answer.text


@pytest.mark.parametrize("between", ["20:00-08:00", "08:00", "8-9-10", "08:00-08:10", "25:00-26:00"])
def test_hours_that_are_none_are_refused_on_the_command_line(app, between):
    make_people(1)
    mailing = make_mailing()
    words = ["schedule", str(mailing.id), "--at", "now", "--between", between]
    answer = app.test_cli_runner().invoke(commands.mailing, words)
    assert answer.exit_code == 2
    assert "hour" in answer.output
