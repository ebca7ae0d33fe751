"""The whole way from a file to the inbox by commands alone, each a process of its own, on a new installation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.config import ROOT
from crm.extensions import db
from tests import processes
from tests.smtp_server import SmtpServer

FILE = """uuid,first_name,email,can2_subscription_status
1,Ann,ann@mail.example,subscribed
2,Ben,ben@mail.example,unsubscribed
3,Cyd,cyd@mail.example,bouncing
4,Dee,dee@@mail.example,subscribed
"""
BODY = 'Dear {{ first_name | default: "friend" }},\n\n[button: Write](https://bridgeway.example/write)\n'


@pytest.fixture
def crm(bare_app, settings, tmp_path):
    """Run a command on a new installation; returns what it prints."""
    db.session.remove()
    db.engine.dispose()
    names = ("INSTANCE_PATH", "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL")
    given = {name: settings[name] for name in names}
    sender = {"MAIL_DEFAULT_SENDER": "News <news@bridgeway.example>", "POSTAL_ADDRESS": "12 Harbor Street, Boston"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAIL_")}

    def run(*words, **extra):
        environment = {**kept, **given, **sender, "PYTHONPATH": str(ROOT), **extra}
        done = processes.run(list(map(str, words)), environment, tmp_path)  # where the rows with errors are written
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_data_goes_in_and_out_by_the_program_as_it_is_installed(settings, tmp_path):
    """Loaded from nothing, as a person starts it: the other test forks its commands from a program in memory."""
    (tmp_path / "people.csv").write_text(FILE)
    names = ("INSTANCE_PATH", "DATABASE_URL", "SECRET_KEY")
    environment = {**os.environ, **{name: settings[name] for name in names}}

    def crm(*words):
        command = [Path(sys.executable).with_name("crm"), *words]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    taken = crm("import", "contacts", "people.csv", "--consent", "Signed the list at the 2025 conference")
    assert (taken.returncode, "dee@@mail.example" in taken.stdout) == (0, False), taken.stderr
    told = crm("contact", "list", "--json", "--status", "active")
    assert [json.loads(line)["email"] for line in told.stdout.splitlines()] == ["ann@mail.example"]
    refused = crm("import", "contacts", "nowhere.csv")
    assert (refused.returncode, refused.stdout) == (2, "") and "nowhere.csv" in refused.stderr


def test_a_file_becomes_a_mailing_in_the_inbox_of_those_who_agreed(crm, tmp_path):
    (tmp_path / "people.csv").write_text(FILE)
    (tmp_path / "body.md").write_text(BODY)
    crm("import", "contacts", tmp_path / "people.csv", "--consent", "Signed the list at the 2025 conference")
    people = [json.loads(line) for line in crm("contact", "list", "--json").splitlines()]
    assert [(p["email"][:3], p["status"], p["topics"]) for p in people] == [
        ("ann", "active", ["action-alerts"]),
        ("ben", "unsubscribed", ["action-alerts"]),
        ("cyd", "blocked", []),
    ]
    asked = ("--subject", "A hearing", "--body", tmp_path / "body.md", "--segment", "all", "--kind", "newsletter")
    number = crm("mailing", "create", *asked).strip()
    crm("mailing", "schedule", number, "--at", "now")
    with SmtpServer() as server:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(server.port), "MAIL_USE_TLS": "false"}
        crm("worker", "--until-idle", **mail)
    assert [(m.recipient, m.subject) for m in server.mails] == [("ann@mail.example", "A hearing")]
    assert "Dear Ann," in server.mails[0].text
    status = json.loads(crm("mailing", "status", number, "--json"))
    assert (status["state"], status["total"], status["sent"]) == ("finished", 1, 1)
