"""crm mailing create, schedule, status, deliveries."""

import json

import pytest
from flask.cli import ScriptInfo

from crm.cli import main
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from tests.mailings.makers import make_people, make_segment


@pytest.fixture
def crm(app, tmp_path):
    (tmp_path / "body.md").write_text('Dear {{ first_name | default: "friend" }}\n\n[button: Go](https://x.example)\n')
    (tmp_path / "body.html").write_text('<p onclick="x()">Hi</p><script>alert(1)</script>')
    (tmp_path / "title.md").write_text('![Map](https://x.example/a.png "{{ NAME }}")')
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    runner = app.test_cli_runner()

    def run(*words, code=0):
        words = [str(tmp_path / w[1:]) if isinstance(w, str) and w.startswith("@") else str(w) for w in words]
        result = runner.invoke(main, words, obj=_info(app))
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


def _info(app):
    return ScriptInfo(create_app=lambda: app)


CREATE = ("mailing", "create", "--subject", "Go", "--body", "@body.md", "--kind", "newsletter", "--segment")


def test_create_prints_the_id_and_schedule_lets_it_go(crm):
    make_people(4)
    make_people(2, "pending")
    number = crm(*CREATE, "all", "--on-uncertain", "resend").stdout.strip()
    status = json.loads(crm("mailing", "status", number, "--json").stdout)
    assert status == {
        "state": "draft",
        "total": 0,
        **dict.fromkeys(
            ["queued", "in_flight", "sent", "deferred", "failed", "suppressed", "canceled", "uncertain"], 0
        ),
    }
    crm("mailing", "schedule", number, "--at", "now")
    scheduling.release_due()
    status = json.loads(crm("mailing", "status", number, "--json").stdout)
    assert (status["state"], status["total"], status["queued"]) == ("sending", 4, 4)
    lines = crm("mailing", "deliveries", number, "--state", "queued", "--json").stdout.splitlines()
    assert len(lines) == 4
    assert set(json.loads(lines[0])) == {"address", "state", "attempts", "smtp_code", "sent_at"}
    assert crm("mailing", "deliveries", number, "--state", "sent", "--json").stdout == ""


def test_create_takes_a_segment_by_name_and_html(crm):
    segment = make_segment("Ohio people")
    number = crm(
        "mailing",
        "create",
        "--subject",
        "S",
        "--body",
        "@body.html",
        "--kind",
        "newsletter",
        "--segment",
        "Ohio people",
    ).stdout.strip()
    mailing = db.session.get(Mailing, int(number))
    assert mailing.audience["segment"] == segment.id
    assert mailing.markup == "html"
    assert mailing.on_uncertain == "hold"


@pytest.mark.parametrize(
    "words",
    [
        (*CREATE, "Nobody knows"),
        ("mailing", "create", "--subject", "S", "--body", "@latin.md", "--kind", "newsletter", "--segment", "all"),
        ("mailing", "create", "--subject", "S", "--body", "@none.md", "--kind", "newsletter", "--segment", "all"),
        ("mailing", "create", "--subject", "S", "--body", "@body.md", "--kind", "spam", "--segment", "all"),
    ],
)
def test_wrong_use_exits_with_two_and_makes_nothing(crm, words):
    crm(*words, code=2)
    assert db.session.query(Mailing).count() == 0


def test_schedule_says_why_it_cannot(crm):
    number = crm(*CREATE, "all").stdout.strip()
    assert "Nobody would get it" in crm("mailing", "schedule", number, "--at", "now", code=1).stderr
    make_people(1)
    assert "no zone" in crm("mailing", "schedule", number, "--at", "2099-01-01T09:00", code=2).stderr
    assert "in the past" in crm("mailing", "schedule", number, "--at", "2020-01-01T09:00Z", code=2).stderr
    crm("mailing", "schedule", number, "--at", "2099-01-01T09:00 America/New_York")
    assert "no mailing 99" in crm("mailing", "status", 99, "--json", code=1).stderr


def test_schedule_names_the_place_of_what_could_not_be_sent(crm):
    make_people(1)
    words = [word.replace("@body.md", "@title.md") for word in CREATE]
    number = crm(*words, "all").stdout.strip()
    refused = crm("mailing", "schedule", number, "--at", "now", code=1)
    assert "{{ NAME }} stands in an image or its description" in refused.stderr
    assert json.loads(crm("mailing", "status", number, "--json").stdout)["state"] == "draft"
