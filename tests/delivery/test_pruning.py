"""Old copies are counted and deleted, and nothing else is."""

import json
import threading
from datetime import timedelta

import pytest
import time_machine
from flask.cli import ScriptInfo
from sqlalchemy import event, insert, select, text, update

from crm import timetable
from crm.base import clock, database
from crm.cli import main
from crm.config import ConfigError, days_kept, load
from crm.contacts.models import Contact
from crm.delivery import freezing, letters, outbox, pruned, pruning, suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import FINAL, STATES, Delivery, Message, PrunedCount
from crm.extensions import db
from tests import factories
from tests.delivery.bounces.samples import arrives, dsn, sent, verp
from tests.delivery.test_outbox import make_message

AMINA = "amina@mail.example"
OLD, YOUNG = 400, 300  # days


def make_copies(message: Message, days_ago: float, **states: int) -> None:
    """Copies that were queued, and sent where they were, so many days ago."""
    moment = clock.now() - timedelta(days=days_ago)
    fixed = {"message_id": message.id, "about": "", "attempts": 1, "resends": 0, "epoch": 1, "next_attempt_at": moment}
    first = db.session.query(Delivery).count()
    names = [state for state, number in states.items() for _ in range(number)]
    rows = [
        {
            **fixed,
            "address": f"{state}{n}@mail.example",
            "occasion": "",
            "uuid": f"{n:032}",
            "state": state,
            "sent_at": moment if state == "sent" else None,
            "first_tried_at": moment if state == "failed" else None,
        }
        for n, state in enumerate(names, first)
    ]
    db.session.execute(insert(Delivery), rows)
    db.session.commit()


def make_old(days_ago: float = OLD, **states: int) -> Message:
    """A message of that age with copies of that age."""
    message = make_message()
    message.created_at = clock.now() - timedelta(days=days_ago)
    make_copies(message, days_ago, **states)
    return message


def prune() -> int:
    return sum(step.total() for step in pruning.prune_all(pruning.before()))


def states_of(message: Message) -> list[str]:
    return sorted(db.session.scalars(select(Delivery.state).where(Delivery.message_id == message.id)))


@pytest.fixture
def small_steps(monkeypatch):
    monkeypatch.setattr(pruning, "STEP", {"sqlite": 3, "postgresql": 3})


def test_old_copies_that_are_done_are_deleted_and_counted_still(app):
    old = make_old(**dict.fromkeys(STATES, 3))
    young = make_old(YOUNG, **dict.fromkeys(STATES, 2))
    assert prune() == 3 * len(FINAL)
    assert set(states_of(old)) == {"queued", "in_flight", "deferred", "uncertain"}
    assert outbox.counts(old.id) == dict.fromkeys(STATES, 3)
    assert outbox.counts(young.id) == dict.fromkeys(STATES, 2)
    assert len(states_of(young)) == 2 * len(STATES)
    assert prune() == 0
    assert outbox.counts(old.id) == dict.fromkeys(STATES, 3)


def test_what_was_sent_late_is_as_old_as_its_sending(app):
    message = make_old(canceled=1)
    make_copies(message, 10, sent=1)
    make_old(YOUNG, sent=1)
    db.session.execute(update(Delivery).where(Delivery.state == "sent").values(next_attempt_at=message.created_at))
    db.session.commit()
    assert prune() == 1
    assert states_of(message) == ["sent"]


def test_a_canceled_message_counts_its_waiting_and_its_deleted_copies_together(app):
    message = make_old(sent=2, canceled=2, queued=3)
    outbox.cancel(message.id)
    make_old(YOUNG, sent=1)
    before = outbox.counts(message.id)
    assert prune() == 4
    assert outbox.counts(message.id) == before
    assert before["canceled"] == 5


def test_copies_are_kept_for_good_where_the_setting_says_so(app):
    make_old(sent=5)
    app.config["KEEP_DELIVERIES_DAYS"] = 0
    assert pruning.before() is None
    assert pruning.prune_some() == 0
    assert db.session.query(Delivery).count() == 5


@pytest.mark.parametrize(("written", "days"), [("0", 0), ("30", 30), ("365", 365)])
def test_days_to_keep_copies_are_read(written, days):
    assert days_kept(written) == days


@pytest.mark.parametrize("written", ["-1", "1", "29", "soon"])
def test_days_that_are_too_few_for_what_needs_copies_are_refused(written, monkeypatch, tmp_path):
    monkeypatch.setenv("KEEP_DELIVERIES_DAYS", written)
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="KEEP_DELIVERIES_DAYS"):
        load()


def test_a_letters_message_lives_on_while_its_old_copies_go(app, sink, deliver):
    merge = {"confirm_url": "https://crm.example/confirm/x", "topics": "Action alerts"}
    for number in (1, 2):
        letters.send("confirm", AMINA, locale="en", occasion=f"sign-up:{number}", merge=merge)
    assert len(deliver()) == 2
    with time_machine.travel(clock.now() + timedelta(days=OLD)):
        letters.send("confirm", AMINA, locale="en", occasion="sign-up:3", merge=merge)
        db.session.commit()
        message = db.session.query(Message).one()
        assert prune() == 2
        assert outbox.counts(message.id)["sent"] == 2
        assert states_of(message) == ["queued"]


def test_an_audience_that_is_queued_again_after_its_copies_were_deleted_gets_nothing_twice(app, sink, deliver):
    for number in range(3):
        factories.make_contact(f"person{number}@mail.example")
    message = make_message()
    audience = select(Contact.email, Contact.id, freezing.merge_values("first_name", Contact.first_name))
    assert freezing.queue_audience(message, audience) == 3
    assert len(deliver()) == 3
    with time_machine.travel(clock.now() + timedelta(days=OLD)):
        outbox.queue(make_message(), "newest@mail.example")
        db.session.commit()
        assert prune() == 3
        assert freezing.queue_audience(message, audience) == 0
    assert outbox.counts(message.id) == {**dict.fromkeys(STATES, 0), "sent": 3}


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_whoever_queues_an_audience_waits_for_a_pruning_under_way_and_sees_it(app):
    factories.make_contact("sent0@mail.example")
    message = make_old(sent=1)
    make_old(YOUNG, sent=1)
    seen = pruning._look(0, pruning.before())
    pruning._delete(seen, pruning.before())  # not committed yet
    number = message.id
    queued: list[int] = []

    def queue_again() -> None:
        with app.app_context():
            audience = select(Contact.email, Contact.id, freezing.merge_values("first_name", Contact.first_name))
            queued.append(freezing.queue_audience(db.session.get_one(Message, number), audience))

    again = threading.Thread(target=queue_again)
    again.start()
    again.join(0.5)
    assert again.is_alive(), "it must wait for the pruning"
    db.session.commit()
    again.join(10)
    assert queued == [0]


def test_a_pruning_that_is_killed_before_it_commits_loses_and_doubles_nothing(app, monkeypatch):
    message = make_old(sent=4, failed=2)
    make_old(YOUNG, sent=1)
    before = outbox.counts(message.id)

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(pruning.streaks, "end", killed)  # The last thing before the commit.
        with pytest.raises(KeyboardInterrupt):
            prune()
    db.session.rollback()
    assert db.session.query(PrunedCount).count() == 0
    assert outbox.counts(message.id) == before
    assert prune() == 6
    assert outbox.counts(message.id) == before


def test_a_pruning_that_is_killed_between_its_steps_goes_on_where_it_was(app, small_steps):
    message = make_old(sent=7, suppressed=3)
    make_old(YOUNG, sent=1)
    before = outbox.counts(message.id)
    steps = pruning.prune_all(pruning.before())
    assert next(steps).total() == 3
    steps.close()
    assert outbox.counts(message.id) == before
    assert prune() == 7
    assert outbox.counts(message.id) == before


def test_two_that_prune_at_once_count_each_copy_once(app, small_steps):
    message = make_old(sent=60, failed=20)
    make_old(YOUNG, sent=1)
    before = outbox.counts(message.id)
    db.session.commit()  # On SQLite what was read here would hold the write lock.
    begin = threading.Barrier(2)
    deleted: list[int] = []

    def work() -> None:
        with app.app_context():
            begin.wait()
            deleted.append(prune())
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sum(deleted) == 80
    assert states_of(message) == []
    assert outbox.counts(message.id) == before


def test_two_ticks_at_once_do_the_same_and_one_gives_up(app, small_steps, monkeypatch):
    message = make_old(sent=30)
    make_old(YOUNG, sent=1)
    seen = pruning._look(pruning._present_walk(), pruning.before())
    assert pruning.prune_some() == 30  # Another was faster.
    pruning._delete(seen, pruning.before())
    assert not pruning._go_on(3, seen.end)
    db.session.commit()
    assert outbox.counts(message.id)["sent"] == 30


def test_a_backlog_goes_by_and_by(app, small_steps, monkeypatch):
    monkeypatch.setattr(pruning, "STEPS", 2)
    message = make_old(sent=13)
    make_old(YOUNG, sent=1)
    assert [pruning.prune_some() for _ in range(4)] == [6, 6, 1, 0]
    assert outbox.counts(message.id)["sent"] == 13


def test_what_waits_in_an_old_mailing_is_passed_once_a_day_and_pruned_when_it_is_done(app, small_steps):
    message = make_old(sent=2, queued=40)
    make_old(YOUNG, sent=1)
    assert pruning.prune_some() == 2
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert pruning.prune_some() == 0
    assert not [statement for statement in asked if "delivery" in statement]
    outbox.cancel(message.id)
    outbox.sweep_canceled()
    db.session.commit()
    assert pruning.prune_some() == 0
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert pruning.prune_some() == 40
    assert outbox.counts(message.id) == {**dict.fromkeys(STATES, 0), "sent": 2, "canceled": 40}


def test_the_timetable_prunes(app):
    make_old(sent=1)
    make_old(YOUNG, sent=1)
    for job in timetable.JOBS:
        if job.run is pruning.prune_some:
            job.run()
    assert pruned.number() == 1


def test_a_walk_ends_at_the_first_young_copy_of_a_young_message(app, small_steps):
    make_old(sent=2)
    make_old(YOUNG, sent=50)
    looked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: looked.append(args[2]))
    assert sum(step.total() for step in pruning.look_at_all(pruning.before())) == 2
    assert len([statement for statement in looked if "max(delivery.id)" in statement]) == 1


def test_the_ledger_is_walked_along_its_ids(app):
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    make_old(sent=200)
    db.session.execute(text("ANALYZE"))
    if db.engine.dialect.name == "postgresql":
        # Of a table as small as this it would rather take all, or a few and sort them.
        db.session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"))
    sql = str(pruning.step(0).compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = str(db.session.connection().exec_driver_sql(f"{explain} {sql}").all())
    assert ("pk_delivery" if db.engine.dialect.name == "postgresql" else "INTEGER PRIMARY KEY (rowid>?") in plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan


def test_the_newest_copy_stays_so_that_its_number_is_not_given_again(app):
    message = make_old(sent=5)
    newest = db.session.query(Delivery).order_by(Delivery.id.desc()).first().id
    assert prune() == 4
    assert outbox.queue(message, "next@mail.example") > newest


def test_no_write_is_made_while_the_ledger_is_looked_at(app):
    make_old(sent=3)
    with database.reading():
        assert sum(step.total() for step in pruning.look_at_all(pruning.before())) == 2
    assert db.session.query(Delivery).count() == 3


def soft(days_ago: float) -> None:
    arrives(dsn("4.2.2", to=verp(sent(days_ago=days_ago))))


def test_soft_bounces_of_copies_that_are_gone_still_count(app):
    for days_ago in (500, 480, 460, 440):
        soft(days_ago)
    sent("newest@mail.example")
    db.session.commit()
    assert prune() == 4
    assert db.session.query(Bounce).filter(Bounce.delivery_id.is_(None)).count() == 4
    assert suppression.reasons(AMINA) == {}
    soft(1)
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


def test_an_arrival_that_is_gone_has_still_ended_a_streak(app):
    for days_ago in (500, 480, 460, 440):
        soft(days_ago)
    sent(days_ago=430)
    sent("newest@mail.example")
    db.session.commit()
    assert prune() == 5
    for days_ago in (25, 20, 10, 5):
        soft(days_ago)
    assert suppression.reasons(AMINA) == {}
    soft(1)
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


def test_soft_bounces_after_an_arrival_that_is_gone_count(app):
    soft(500)
    sent(days_ago=450)
    for days_ago in (440, 430, 420, 410):
        soft(days_ago)
    sent("newest@mail.example")
    db.session.commit()
    assert prune() == 6
    assert suppression.reasons(AMINA) == {}
    soft(1)
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


def test_a_copy_that_came_back_is_no_arrival_when_it_goes(app):
    for days_ago in (500, 480, 460):
        soft(days_ago)
    arrives(dsn("5.7.1", to=verp(sent(days_ago=450))))
    soft(440)
    sent("newest@mail.example")
    db.session.commit()
    assert prune() == 5
    soft(1)
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


@pytest.fixture
def crm(app):
    def run(*words, code=0):
        result = app.test_cli_runner().invoke(main, words, obj=ScriptInfo(create_app=lambda: app))
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


def test_the_command_says_what_would_go_and_then_does_it(crm):
    message = make_old(sent=3, failed=1, queued=2)
    number = message.id
    make_old(YOUNG, sent=2)
    would = crm("deliveries", "prune", "--dry-run", "--json")
    assert db.session.query(Delivery).count() == 8
    row = json.loads(would.stdout)
    assert (row["message"], row["age_days"], row["copies"], row["sent"], row["failed"]) == (number, OLD, 4, 3, 1)
    assert "4 copies older than 365 days would be deleted." in would.stderr
    did = crm("deliveries", "prune", "--json")
    assert json.loads(did.stdout) == row
    assert "4 copies older than 365 days were counted and deleted." in did.stderr
    assert db.session.query(Delivery).count() == 4
    assert crm("deliveries", "prune", "--json").stdout == ""


def test_the_command_says_where_copies_are_kept_for_good(crm, app):
    app.config["KEEP_DELIVERIES_DAYS"] = 0
    make_old(sent=2)
    assert "kept for good" in crm("deliveries", "prune").stderr
    assert db.session.query(Delivery).count() == 2


def test_the_outbox_and_its_lists_say_what_is_only_counted(as_bob):
    make_old(sent=1204)
    make_old(YOUNG, queued=1)
    prune()
    words = "1,204 copies are older than 365 days; their addresses are no longer kept."
    assert words in as_bob.page("/staff/delivery/").text
    assert words in as_bob.page("/staff/delivery/copies/sent").text
    assert "older than" not in as_bob.page("/staff/delivery/copies/failed").text


def test_a_bounce_whose_copy_is_gone_says_so(as_bob):
    arrives(dsn(to=verp(sent(days_ago=OLD))))
    sent("newest@mail.example")
    db.session.commit()
    prune()
    bounce = db.session.query(Bounce).one()
    bounce.recipient = ""
    db.session.commit()
    assert "its address is no longer kept" in as_bob.page(f"/staff/delivery/bounces/{bounce.id}").text
    assert "No longer kept" in as_bob.page("/staff/delivery/bounces/").text
