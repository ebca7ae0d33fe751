"""How many deliveries are in each state, when there are many."""

from sqlalchemy import event, insert, update

from crm.base import clock
from crm.delivery import depths, rates
from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery.test_outbox import make_message

MANY = depths.FEW + 500


def make_many(**states: int) -> None:
    message_id = make_message().id
    fixed = {"message_id": message_id, "occasion": "", "about": "", "attempts": 0, "resends": 0, "epoch": 0}
    rows = [
        {
            **fixed,
            "address": f"{state}{n}@mail.example",
            "uuid": f"{n:032}",
            "state": state,
            "next_attempt_at": clock.now(),
        }
        for state, number in states.items()
        for n in range(number)
    ]
    db.session.execute(insert(Delivery), rows)
    db.session.commit()


def numbers() -> dict[str, int]:
    return {state: depth.number for state, depth in depths.look().items() if depth.number}


def test_few_are_counted_as_they_are_now(app):
    make_many(queued=3, sent=2, uncertain=1)
    assert numbers() == {"queued": 3, "sent": 2, "uncertain": 1}
    assert all(depth.counted_at is None for depth in depths.look().values())


def test_many_are_told_as_counted_by_the_timetable_and_few_as_of_now(app):
    make_many(queued=MANY, sent=5, failed=2)
    assert depths.look()["queued"].more
    depths.count()
    make_many(failed=1)
    found = depths.look()
    assert numbers() == {"queued": MANY, "sent": 5, "failed": 3}
    assert found["queued"].counted_at is not None
    assert found["failed"].counted_at is None
    assert not found["queued"].more


def test_a_count_that_takes_long_is_not_repeated_soon(app):
    make_many(sent=1)
    depths.count()
    db.session.execute(update(depths.StateCount).values(seconds=100.0))  # They are counted at once.
    make_many(sent=1)
    depths.count()
    assert db.session.get(depths.StateCount, "sent", populate_existing=True).number == 1


def test_the_page_asks_few_questions_however_many_there_are(app, as_bob):
    make_many(queued=MANY, failed=MANY)
    depths.count()
    rates.limit("all", "", 5)
    rates.warm_up("bridgeway.example", 5, 50, clock.today())
    as_bob.page("/staff/delivery/")  # The first request of a process asks more.
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    as_bob.page("/staff/delivery/")
    questions = [statement for statement in asked if statement != "BEGIN"]
    assert len(questions) <= 15, "\n".join(questions)
