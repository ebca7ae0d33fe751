"""Limits an hour and the warm-up of a new sending domain: what leaves now, and what waits."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from crm.base import clock
from crm.delivery import outbox, rates
from crm.delivery.models import Delivery, SendingLimit, WarmUp
from crm.extensions import db
from tests.delivery.test_outbox import make_message

GMAIL = [f"g{n}@gmail.example" for n in range(3)]
OTHERS = ["x@mail.example", "y@mail.example"]


def queue(*addresses: str, **values) -> int:
    message = make_message(**values)
    for address in addresses:
        outbox.queue(message, address)
    db.session.commit()
    return message.id


def full(scope: str, name: str = "") -> None:
    """A limit of one mail a minute, with one that may leave at once."""
    rates.limit(scope, name, 60)
    db.session.execute(update(SendingLimit).values(free_from=clock.now() - timedelta(days=1), stale=False))
    db.session.commit()


def after(delta: timedelta) -> None:
    """Let so much time go by for the limits and for what they have booked."""
    for limit in db.session.scalars(select(SendingLimit)):
        limit.free_from -= delta
    for row in db.session.scalars(select(Delivery).where(Delivery.state == "queued")):
        row.next_attempt_at -= delta
    db.session.commit()


def test_without_limits_all_leave_at_once(app, deliver):
    queue(*GMAIL, *OTHERS)
    assert len(deliver()) == 5


def test_a_limit_of_all_mail_lets_a_minute_s_worth_leave_at_once(app, deliver):
    queue(*OTHERS, *GMAIL)
    full("all")
    assert len(deliver()) == 1
    assert deliver() == []
    after(timedelta(minutes=1))
    assert len(deliver()) == 1


def test_a_limit_of_a_domain_holds_nobody_else_up(app, deliver):
    queue(*GMAIL, *OTHERS)
    full("domain", "gmail.example")
    assert sorted(mail.recipient for mail in deliver()) == ["g0@gmail.example", *OTHERS]
    after(timedelta(minutes=1, seconds=5))
    assert [mail.recipient for mail in deliver()] == ["g1@gmail.example"]


def test_what_a_limit_has_booked_stands_a_limit_s_pace_apart(app, deliver):
    queue(*GMAIL)
    full("domain", "gmail.example")
    deliver()
    waiting = select(Delivery.next_attempt_at).where(Delivery.state == "queued").order_by(Delivery.id)
    first, second = db.session.scalars(waiting)
    assert timedelta(seconds=59) < second - first < timedelta(seconds=61)


def test_what_was_booked_leaves_when_the_limit_is_lifted(app, deliver):
    queue(*GMAIL)
    full("domain", "gmail.example")
    deliver()
    rates.limit("domain", "gmail.example", None)
    db.session.commit()
    rates.let_go()
    assert len(deliver()) == 2
    rates.let_go()
    assert db.session.scalar(select(SendingLimit.scope)) is None


def test_nobody_waits_behind_what_was_canceled(app, deliver):
    canceled = queue(*(f"g{n}@gmail.example" for n in range(30)))
    full("domain", "gmail.example")
    deliver()
    outbox.cancel(canceled)
    outbox.sweep_canceled()
    db.session.commit()
    rates.let_go()
    after(timedelta(minutes=1))
    queue(*GMAIL)
    assert len(deliver()) == 1
    latest = db.session.scalar(select(func.max(Delivery.next_attempt_at)).where(Delivery.state == "queued"))
    assert latest < clock.now() + timedelta(minutes=3)


def test_the_limit_of_one_sender_leaves_the_others_alone(app, deliver):
    queue(*GMAIL, sender="News <News@Bridgeway.example>")
    queue(*OTHERS, sender="Office <office@bridgeway.example>")
    full("sender", "news@bridgeway.example")
    assert len([mail for mail in deliver() if "News@" in mail.sender]) == 1
    assert outbox.counts(2)["sent"] == 2


@pytest.mark.parametrize("scope", ["all", "domain"])
def test_a_confirmation_waits_for_no_limit(app, deliver, scope):
    full(scope, "" if scope == "all" else "gmail.example")
    queue(*GMAIL, kind="transactional", list_id=None)
    assert len(deliver()) == 3


def test_a_warm_up_doubles_from_day_to_day_until_it_is_enough(one_hour, app, deliver):
    queue(*(f"p{n}@mail.example" for n in range(12)))
    rates.warm_up("bridgeway.example", 2, 8, clock.today())
    db.session.commit()
    assert [len(deliver()), len(deliver())] == [2, 0]
    for allowed in (4, 6):
        day = timedelta(days=1)
        warm_up = db.session.scalars(select(WarmUp)).one()
        warm_up.started_on, warm_up.today = warm_up.started_on - day, warm_up.today - day
        db.session.commit()
        assert len(deliver()) == allowed
    assert outbox.finished(1)


def test_what_was_not_sent_after_all_is_not_counted(one_hour, app, sink, deliver):
    queue("x@mail.example")
    full("all")
    rates.warm_up("bridgeway.example", 1, 8, clock.today())
    sink.script.mail = "550 5.7.1 not you"
    deliver()
    assert outbox.counts(1)["queued"] == 1
    sink.script.mail = "250 ok"
    deliver()
    assert outbox.counts(1)["sent"] == 1


@pytest.mark.parametrize(("scope", "name", "per_hour"), [("all", "x", 5), ("domain", "", 5), ("sender", "a@b", 0)])
def test_a_limit_that_means_nothing_is_refused(app, scope, name, per_hour):
    with pytest.raises(ValueError, match="no such limit"):
        rates.limit(scope, name, per_hour)
