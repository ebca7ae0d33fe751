"""One database has one SECRET_KEY, and whoever comes with another is told so."""

import os

import pytest

from crm import create_app
from crm.base import keys
from crm.config import ROOT
from crm.extensions import db
from tests import processes


@pytest.fixture
def other(app, settings, tmp_path):
    """Another host on the same database, whose instance folder has made a key of its own."""
    keys.check()
    mistaken = create_app({**settings, "SECRET_KEY": None, "INSTANCE_PATH": str(tmp_path / "other")})
    yield mistaken
    with mistaken.app_context():
        db.engine.dispose()


def test_the_first_key_is_kept_and_agrees_from_then_on(app):
    assert keys.check()
    assert keys.check()


def test_another_host_with_a_key_of_its_own_does_not_start(other):
    with other.app_context(), pytest.raises(keys.WrongKey, match="the same SECRET_KEY"):
        keys.check()


def test_a_web_server_that_started_before_its_database_serves_nothing_with_another_key(other, client):
    assert client.get("/").status_code == 200
    answer = other.test_client().get("/")
    assert answer.status_code == 503
    assert "the same SECRET_KEY" in answer.text


def test_before_there_are_tables_no_key_is_wrong(tmp_path):
    with create_app(
        {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3", "INSTANCE_PATH": str(tmp_path)}
    ).app_context():
        assert not keys.check()
        db.engine.dispose()


@pytest.mark.parametrize("words", [["worker", "--until-idle"], ["contact", "list", "--json"], ["up"]])
def test_commands_refuse_another_key_in_one_line(app, settings, words):
    keys.check()
    done = run(settings, words)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: SECRET_KEY is not the one")
    assert done.stdout == ""


def test_the_tables_are_brought_up_to_date_with_any_key(app, settings):
    keys.check()
    assert run(settings, ["db", "upgrade"]).returncode == 0


def run(settings, words):
    """Run a command in a process of its own, with another key."""
    place = {name: settings[name] for name in ("DATABASE_URL", "INSTANCE_PATH")}
    return processes.run(words, {**os.environ, **place, "SECRET_KEY": "another", "PYTHONPATH": str(ROOT)})
