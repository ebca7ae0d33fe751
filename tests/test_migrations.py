"""Migrations: numbered without gaps, one head, and equal to the models on both databases."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from crm import create_app
from crm.actions.models import Action
from crm.base.jobs import is_ours
from crm.config import ROOT
from crm.extensions import db
from tests import factories
from tests.site.backup.rows import everything, fill_every_table

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def test_migrations_are_numbered_in_order():
    assert [path.name[:5] for path in VERSIONS] == [f"{n:04d}_" for n in range(1, len(VERSIONS) + 1)]


def test_each_migration_follows_the_one_before():
    for number, path in enumerate(VERSIONS, start=1):
        text = path.read_text()
        assert re.search(rf'^revision = "{number:04d}"$', text, re.M), path
        before = f'"{number - 1:04d}"' if number > 1 else "None"
        assert re.search(rf"^down_revision = {before}$", text, re.M), path


def test_models_equal_migrations(bare_app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        differences = compare_metadata(context, db.metadata)
    assert differences == []


def test_every_migration_can_be_taken_back(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/again.sqlite3", "INSTANCE_PATH": str(tmp_path)}
    with create_app(settings).app_context():
        upgrade()
        downgrade(revision="base")
        upgrade()
        with db.engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == f"{len(VERSIONS):04d}"
        db.engine.dispose()


def test_what_stands_in_the_tables_outlives_the_way_back_and_forth(bare_app):
    fill_every_table()
    before = everything()
    downgrade(revision="0017")
    db.session.remove()
    upgrade()
    after = everything()
    old = ["contact", "influencer", "ask", "interaction", "user", "snooze", "installation"]
    old += ["mailing", "mailing_link", "mailing_message"]
    assert {name: len(after[name]) for name in old} == {name: len(before[name]) for name in old}
    # A seat that ended was no seat before there were such rows.
    assert [row[2:7] for row in after["committee_seat"]] == [row[2:7] for row in before["committee_seat"] if not row[8]]


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_the_job_queue_can_be_taken_back_and_leaves_nothing(bare_app):
    names = "SELECT count(*) FROM pg_class WHERE relname LIKE 'procrastinate%'"
    functions = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%'"
    types = "SELECT count(*) FROM pg_type WHERE typname LIKE '%procrastinate%'"
    counted = text(f"SELECT ({names}) + ({functions}) + ({types})")
    downgrade(revision="0011")
    try:
        assert db.session.scalar(counted) == 0
        db.session.rollback()
    finally:
        upgrade()
    assert db.session.scalar(counted) > 30


def test_whom_a_letter_goes_to_is_one_text_on_the_way_back_and_by_language_again(bare_app):
    options, asked = {"addressees": {"en": "Governor"}, "per_hour": 3}, text("SELECT options FROM action ORDER BY id")
    letter = factories.add(Action(slug="open", kind="sign_on", options=options))
    other = factories.add(Action(slug="sign", kind="petition", options={"goal": 1}))
    db.session.commit()
    numbers = letter.id, other.id
    downgrade(revision="0065")
    try:
        first, second = map(str, db.session.scalars(asked))
        assert "Governor" in first and "addressees" not in first and "addressee" not in second
        db.session.remove()
    finally:
        upgrade()
    letter, other = (db.session.get_one(Action, number) for number in numbers)
    assert letter.options == options and other.options == {"goal": 1}
