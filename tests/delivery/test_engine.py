"""Deferred jobs on PostgreSQL: done by any worker, and none the worse for being lost, doubled or stalled."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bench.kill_trial import until
from crm.base import clock, jobs
from crm.delivery.engine import Engine
from crm.extensions import db

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has no queue.
WAIT = 30


class Done:
    """Notes the ids that a task was called with."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, number: int) -> None:
        self.go.wait(WAIT)
        self.numbers.append(number)
        if number < 0:
            raise RuntimeError("broken")

    def has(self, *numbers: int) -> Callable[[], bool]:
        return lambda: sorted(self.numbers) == sorted(numbers)


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def engine(app: Flask, done: Done, tmp_path: Path) -> Engine:
    made = Engine(app, [], {"note": done}, tmp_path / "ticker")
    made.start()
    yield made
    done.go.set()
    made.stop()


def waiting() -> list[str]:
    found = list(db.session.scalars(text("SELECT status::text FROM procrastinate_jobs ORDER BY id")))
    db.session.rollback()
    return found


def test_a_job_is_done_when_its_transaction_commits_and_not_before(engine, done):
    jobs.defer("note", 1)
    db.session.rollback()
    jobs.defer("note", 2)
    db.session.commit()
    assert until(done.has(2), WAIT)
    assert until(lambda: waiting() == [], WAIT)


def test_a_job_that_fails_stops_nobody_and_leaves_nothing(engine, done):
    for number in (-1, 3):
        jobs.defer("note", number)
    db.session.commit()
    assert until(done.has(-1, 3), WAIT)
    assert until(lambda: waiting() == [], WAIT)


def test_the_same_job_waits_once_and_a_tick_asks_for_none_that_is_being_done(engine, done):
    done.go.clear()
    jobs.defer("note", 4)
    db.session.commit()
    assert until(lambda: waiting() == ["doing"], WAIT)
    assert jobs.hand_over("note", 4)
    db.session.commit()
    assert waiting() == ["doing"]
    for _ in range(3):
        jobs.defer("note", 4)  # Something may have changed since it began.
    db.session.commit()
    assert sorted(waiting()) in (["doing", "doing"], ["doing", "todo"])
    done.go.set()
    assert until(done.has(4, 4), WAIT)


def test_a_job_for_later_waits_for_its_moment(engine, done):
    jobs.defer("note", 5, at=clock.now() + timedelta(hours=1))
    jobs.defer("note", 6, at=clock.now() - timedelta(seconds=1))
    db.session.commit()
    assert until(done.has(6), WAIT)
    assert until(lambda: waiting() == ["todo"], WAIT)


def test_the_job_of_a_lost_worker_is_forgotten_so_that_a_tick_can_ask_for_it_again(app):
    for number in (7, 8):
        jobs.defer("note", number)
    lost = text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :age * interval '1 second')")
    for age in (60, 0):
        db.session.execute(lost, {"age": age})
    fetch = text("SELECT procrastinate_fetch_job_v2(NULL, id) FROM procrastinate_workers ORDER BY last_heartbeat")
    db.session.execute(fetch)
    db.session.commit()
    assert jobs.reap() == 1
    db.session.commit()
    assert waiting() == ["doing"]


def test_jobs_go_on_by_themselves_when_the_database_has_cut_all_connections(engine, done):
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    for number in (9, 10):
        jobs.defer("note", number)
        db.session.commit()
        assert until(lambda enough=number: enough in done.numbers, WAIT)
        db.session.execute(text(cut + " AND pid <> pg_backend_pid()"))
        db.session.commit()
    jobs.defer("note", 11)
    db.session.commit()
    assert until(lambda: 11 in done.numbers, WAIT)


def test_a_process_that_runs_no_jobs_does_the_work_itself(app):
    assert not jobs.hand_over("note", 1)
    assert waiting() == []
