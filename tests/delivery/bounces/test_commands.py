"""`crm bounces read`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from crm.delivery import suppression
from crm.delivery.bounces.commands import bounces
from crm.delivery.bounces.models import Bounce
from crm.extensions import db
from tests.delivery.bounces.samples import ORDINARY, dsn, sent, verp

Crm = Callable[..., Result]


@pytest.fixture
def read(app: Flask) -> Crm:
    def run(*words: object, given: bytes | None = None) -> Result:
        db.session.commit()
        return app.test_cli_runner().invoke(bounces, ["read", *map(str, words)], input=given)

    return run


def test_each_mail_gives_a_line_of_json(app, read, tmp_path):
    delivery = sent()
    (tmp_path / "a.eml").write_bytes(dsn(to=verp(delivery)))
    (tmp_path / "b.eml").write_text(ORDINARY)
    done = read(tmp_path, "--json")
    assert done.exit_code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {
            "file": str(tmp_path / "a.eml"),
            "class": "hard",
            "status": "5.1.1",
            "recipient": "amina@mail.example",
            "attribution": "verp",
        },
        {"file": str(tmp_path / "b.eml"), "class": "none", "status": "", "recipient": "", "attribution": "none"},
    ]
    assert suppression.reasons("amina@mail.example") == {"*": "hard_bounce"}


def test_a_dry_run_says_the_same_and_changes_nothing(app, read, tmp_path):
    (tmp_path / "a.eml").write_bytes(dsn(to=verp(sent())))
    dry = read(tmp_path / "a.eml", "--json", "--dry-run")
    assert suppression.reasons("amina@mail.example") == {}
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 0
    db.session.commit()
    assert read(tmp_path / "a.eml", "--json").stdout == dry.stdout
    assert suppression.reasons("amina@mail.example") == {"*": "hard_bounce"}


def test_it_reads_standard_input_twice_without_harm(app, read):
    octets = dsn(to=verp(sent()))
    for _ in range(2):
        done = read("-", "--json", given=octets)
        assert (done.exit_code, json.loads(done.stdout)["file"]) == (0, "-")
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 1


def test_without_json_it_prints_words(app, read):
    assert read("-", given=dsn()).stdout == "-\thard\t5.1.1\tamina@mail.example\tnone\n"


def test_a_wrong_path_is_wrong_use_and_an_unreadable_one_a_failure(app, read, tmp_path):
    assert read(tmp_path / "nowhere").exit_code == 2
    assert read().exit_code == 2
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "1").symlink_to(tmp_path / "cur" / "1")
    assert read("/proc/self/mem").exit_code == 1
