"""Writers on SQLite stand in line for its one write lock."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from crm.base import database, sqlite_writing
from crm.extensions import db

# PostgreSQL locks rows, and has no such line.
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def engine(app):
    db.session.remove()
    return db.engine


def test_many_writers_each_get_their_turn(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tally (n INTEGER)"))
        connection.execute(text("INSERT INTO tally VALUES (0)"))

    def write() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                before = connection.execute(text("SELECT n FROM tally")).scalar_one()
                connection.execute(text("UPDATE tally SET n = :n"), {"n": before + 1})

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM tally")).scalar_one() == 120


def test_a_lock_that_is_never_given_back_ends_in_an_error(engine, monkeypatch):
    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    with engine.begin(), pytest.raises(OperationalError, match="database is locked"), engine.begin():
        pass


def test_who_only_reads_waits_for_nobody(engine):
    with engine.begin(), database.reading(), engine.begin() as reader:
        assert reader.execute(text("SELECT count(*) FROM contact")).scalar_one() == 0
