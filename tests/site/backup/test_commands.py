"""`crm backup` as it is called, on an installation and on an empty one."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from crm.base import keys
from crm.base.models import AuditEntry, Installation
from crm.contacts.models import Contact
from crm.delivery.sender import installation_id, journal_folder
from crm.delivery.ticker import Guard
from crm.extensions import db
from crm.site.backup import commands
from tests import factories


@pytest.fixture
def made(app, tmp_path) -> str:
    factories.make_contact("amina@mail.example")
    db.session.commit()
    keys.check()
    return run(app, "create", "--to", tmp_path / "b").stdout.strip()


def run(app, *words):
    with app.app_context():
        return app.test_cli_runner().invoke(commands.backup, [str(word) for word in words])


def test_create_prints_where_the_file_lies_and_that_the_key_is_not_in_it(app, tmp_path):
    done = run(app, "create")
    assert done.exit_code == 0
    assert Path(done.stdout.strip()).parent == Path(app.config["INSTANCE_PATH"]) / "backups"
    assert "SECRET_KEY is not in it" in done.stderr
    app.config["BACKUP_FOLDER"] = str(tmp_path / "elsewhere")
    answer = json.loads(run(app, "create", "--json", "--keep", "2").stdout)
    assert Path(answer["file"]).parent == tmp_path / "elsewhere"
    assert {"size", "rows", "made_at", "seconds", "deleted"} < set(answer)


def test_create_says_in_a_line_what_is_in_the_way(app, fresh, tmp_path):
    (tmp_path / "file").touch()
    done = run(app, "create", "--to", tmp_path / "file" / "b")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert run(app, "create", "--keep", "0").exit_code == 2
    assert "crm db upgrade" in run(fresh, "create").stderr


def test_verify_ends_with_0_for_a_whole_one_and_1_for_any_other(app, made, tmp_path):
    done = run(app, "verify", made)
    assert (done.exit_code, "It is whole" in done.stdout) == (0, True)
    Path(made).write_bytes(Path(made).read_bytes()[:-1])
    done = run(app, "verify", made)
    assert (done.exit_code, "cut off" in done.stderr) == (1, True)
    assert run(app, "verify", tmp_path / "nowhere").exit_code == 2


def test_restore_leaves_alone_what_is_here_unless_it_is_forced_and_then_says_what_goes(app, made):
    factories.make_contact("later@mail.example")
    db.session.commit()
    refused = run(app, "restore", made)
    assert (refused.exit_code, "contact 2" in refused.stderr, "--force" in refused.stderr) == (1, True, True)
    assert db.session.query(Contact).count() == 2
    db.session.rollback()
    done = run(app, "restore", made, "--force")
    assert done.exit_code == 0, done.stderr
    assert "contact 2" in done.stderr
    assert db.session.query(Contact).count() == 1
    noted = db.session.query(AuditEntry).filter_by(thing="backup", verb="restore").one()
    assert noted.changes["file"] == Path(made).name


def test_an_installation_that_only_ran_is_empty(fresh, made, tmp_path):
    with fresh.app_context():
        from_nothing = run(fresh, "restore", made)
    assert from_nothing.exit_code == 0, from_nothing.stderr
    assert "Restored: " in from_nothing.stdout


def test_another_key_is_refused_unless_the_old_one_is_lost(app, made):
    app.config["SECRET_KEY"] = "another"
    refused = run(app, "restore", made, "--force")
    assert (refused.exit_code, "SECRET_KEY is not the one" in refused.stderr) == (1, True)
    assert db.session.query(Contact).count() == 1
    db.session.rollback()
    done = run(app, "restore", made, "--force", "--key-lost")
    assert done.exit_code == 0, done.stderr
    assert db.session.query(Installation.key_fingerprint).scalar() == ""
    db.session.rollback()
    assert keys.check()


def test_nothing_is_restored_under_a_worker_that_runs(app, made):
    guard = Guard(db.engine, journal_folder(app, installation_id(db.engine)))
    assert guard.holds()
    try:
        refused = run(app, "restore", made, "--force")
    finally:
        guard.release()
    assert (refused.exit_code, "Stop the program" in refused.stderr) == (1, True)


def test_a_backup_of_another_kind_or_of_a_newer_program_is_refused(app, made, monkeypatch):
    ours = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.session.commit()
    refused = run(app, "restore", made, "--force")
    db.session.execute(text("UPDATE alembic_version SET version_num = :ours"), {"ours": ours})
    db.session.commit()
    assert (refused.exit_code, "newer than this program" in refused.stderr) == (1, True)
    monkeypatch.setattr(db.engine.dialect, "name", "oracle")
    assert "DATABASE_URL names oracle" in run(app, "restore", made, "--force").stderr


def test_a_damaged_backup_changes_nothing(app, made):
    Path(made).write_bytes(Path(made).read_bytes().replace(b"PK", b"KP", 1))
    assert run(app, "restore", made, "--force").exit_code == 1
    assert db.session.query(Contact).count() == 1
