"""The doctor's visit: by command and on a page, with a mail server and a DNS of the test."""

import json
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from crm.delivery import dkim_keys, outbox, rests, sender
from crm.delivery.bounces import collecting
from crm.delivery.journal import Journal
from crm.extensions import db, mail
from crm.site.backup import making
from crm.site.doctor import bounces, commands, mail_server, names, visit
from tests.delivery.test_outbox import make_message
from tests.delivery.verifying import make_keys
from tests.mailbox_server import MailboxServer
from tests.site.doctor.zone import Zone
from tests.smtp_server import Script, SmtpServer

CERTIFICATE = Path(__file__).parents[2] / "delivery" / "localhost.pem"
OURS = "bridgeway.example"


@pytest.fixture
def zone(app):
    app.extensions[names.PLACE] = Zone(
        {
            (OURS, "TXT"): ["v=spf1 include:relay.example -all"],
            (f"_dmarc.{OURS}", "TXT"): ["v=DMARC1; p=none"],
        }
    )
    return app.extensions[names.PLACE]


def use(app, server: SmtpServer, **settings) -> None:
    app.config.update(MAIL_SERVER="localhost", MAIL_PORT=server.port, **settings)
    mail.init_app(app)


def states(rows) -> dict[str, str]:
    return {row.name: row.state for row in rows}


def test_every_row_is_there_and_every_fault_says_how_to_mend_it(app, zone, sink):
    rows = [*visit.here(app), *visit.outside(app)]
    assert [row.name for row in rows] == [
        *("Database", "Tables", "Worker", "Senders", "Outbox", "Backup"),
        *("Public address", "Postal address", "Secret key", "Disk"),
        *("Mail server", "Bounces", "Return path", "SPF", "DKIM", "DMARC", "MTA-STS", "Reverse name"),
    ]
    assert all(row.mend for row in rows if row.state != "ok")
    found = states(rows)
    assert (found["Worker"], found["Public address"], found["Secret key"]) == ("error", "error", "error")
    assert (found["Tables"], found["Mail server"], found["SPF"], found["DMARC"]) == ("ok", "ok", "ok", "ok")
    assert found["Backup"] == "warning"


def test_the_mail_server_is_really_asked_and_its_certificate_is_looked_at(app):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with SmtpServer(Script(context=context)) as server:
        use(app, server, MAIL_USE_TLS=True, MAIL_CA_FILE=str(CERTIFICATE))
        row = mail_server.look(app)
        assert (row.state, "TLS" in row.found) == ("ok", True)
        use(app, server, MAIL_CA_FILE=None)
        assert mail_server.look(app).state == "error"
    assert mail_server.look(app).state == "error"
    app.config["MAIL_SERVER"] = None
    assert "MAIL_SERVER" in mail_server.look(app).mend


def test_without_network_the_dns_rows_are_warnings(app, sink, monkeypatch):
    app.extensions[names.PLACE] = Zone(away=("*",))
    rows = {row.name: row for row in visit.outside(app)}
    assert {rows[name].state for name in ("SPF", "DMARC", "MTA-STS", "Reverse name")} == {"warning"}
    assert "could not be looked up" in rows["SPF"].found


def test_a_dns_that_hangs_is_not_waited_for(app, sink, zone, monkeypatch):
    monkeypatch.setattr(visit, "PATIENCE", 0.3)
    answer = zone.records
    monkeypatch.setattr(zone, "records", lambda *asked: time.sleep(1) or answer(*asked))
    assert "in 0 seconds" in {row.name: row for row in visit.outside(app)}["SPF"].found


def test_a_key_whose_record_is_published_is_well(app, zone, sink, tmp_path):
    (key,) = make_keys(tmp_path, both=False)
    app.config.update(DKIM_PRIVATE_KEY=(tmp_path / "rsa.pem").read_text(), DKIM_SELECTOR="one")
    assert states(visit.outside(app))["DKIM"] == "error"
    zone.known[(f"one._domainkey.{OURS}", "TXT")] = [dkim_keys.record(key)]
    assert states(visit.outside(app))["DKIM"] == "ok"
    app.config["DKIM_PRIVATE_KEY"] = "nonsense"
    assert states(visit.outside(app))["DKIM"] == "error"


def test_mail_that_waits_for_a_server_is_told_with_its_reason(app):
    outbox.queue(make_message(), "a@mail.example")
    db.session.commit()
    rests.trouble(db.engine, rests.SERVER, "535 wrong password", permanent=True)
    row = next(row for row in visit.here(app) if row.name == "Outbox")
    assert (row.state, "535 wrong password" in row.found) == ("warning", True)


def test_the_age_of_the_last_good_backup_is_told(app, tmp_path):
    def row():
        return next(row for row in visit.here(app) if row.name == "Backup")

    assert (row().state, "never" in row().found, "groundswell-backup.timer" in row().mend) == ("warning", True, True)
    made = making.create(tmp_path / "elsewhere")
    assert (row().state, str(made.file) in row().found) == ("ok", True)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3), tick=False):
        assert (row().state, "3 days old" in row().found) == ("warning", True)


def test_senders_are_seen_by_the_journals_that_they_hold(app, tmp_path):
    def row():
        return next(row for row in visit.here(app) if row.name == "Senders")

    assert row().state == ("error" if db.engine.dialect.name == "sqlite" else "warning")
    number = sender.installation_id(db.engine)
    held = [Journal(sender.journal_folder(app, number), owner, n, number) for owner in ("a", "b") for n in range(2)]
    assert (row().state, row().found) == ("ok", "2 run on this machine.")
    for journal in held:
        journal.close(delete=False)
    assert row().state != "ok"


@pytest.mark.parametrize("scheme", ["imaps", "pop3s"])
def test_the_mailbox_of_bounces_is_really_opened(app, scheme):
    def row():
        return bounces.look(app.config, collecting.state())

    app.config.update(MAIL_CA_FILE=str(CERTIFICATE))
    with MailboxServer() as box:
        app.config.update(BOUNCE_MAILBOX=box.url(scheme))
        assert (row().state, "No worker has read it" in row().found) == ("warning", True)
        collecting.collect()
        assert (row().state, "read last 0 seconds ago" in row().found) == ("ok", True)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=False):
            assert row().state == "warning"
        app.config.update(BOUNCE_MAILBOX=box.url(scheme, password="wrong"))
        refused = row()
        assert (refused.state, "wrong" in refused.found) == ("error", False)
        app.config.update(BOUNCE_MAILBOX=box.url(scheme), MAIL_CA_FILE=None)
        assert (row().state, "TLS" in row().found) == ("error", True)
    assert row().state == "error"


def test_a_mailbox_that_says_nothing_is_not_waited_for(app, monkeypatch):
    monkeypatch.setattr(bounces, "LONGEST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.config.update(BOUNCE_MAILBOX=f"imaps://a:b@127.0.0.1:{silent.getsockname()[1]}/INBOX")
        began = time.monotonic()
        assert bounces.look(app.config, None).state == "error"
        assert time.monotonic() - began < 5


def test_without_a_mailbox_the_doctor_says_where_bounces_go(app):
    bare = {"BOUNCE_MAILBOX": None, "BOUNCE_DOMAIN": None, "MAIL_PROVIDER": None, "POSTMARK_WEBHOOK_SECRET": None}
    row = bounces.look(bare, None)
    assert (row.state, "the sender's own address" in row.found) == ("warning", True)
    assert "to bounce.example" in bounces.look(bare | {"BOUNCE_DOMAIN": "bounce.example"}, None).found
    assert bounces.look(bare | {"MAIL_PROVIDER": "postmark"}, None).state == "warning"
    assert bounces.look(bare | {"MAIL_PROVIDER": "postmark", "POSTMARK_WEBHOOK_SECRET": "x"}, None).state == "ok"


def test_the_command_prints_each_row_and_ends_with_1_where_there_is_an_error(app, zone, sink):
    plain = app.test_cli_runner().invoke(commands.doctor)
    assert (plain.exit_code, "error    Worker: No worker runs" in plain.output) == (1, True)
    done = app.test_cli_runner().invoke(commands.doctor, ["--json"])
    rows = [json.loads(line) for line in done.output.splitlines()]
    assert {"name", "state", "found", "mend"} == set(rows[0])
    assert len(rows) == 18


def test_the_page_shows_the_same_rows_and_asks_the_network_only_when_told(app, zone, sink, as_alice, as_oscar):
    assert as_oscar.get("/staff/delivery/doctor/").status_code == 403
    page = as_alice.page("/staff/delivery/doctor/")
    assert "Postal address" in page.text
    assert "Not looked at yet" in page.text
    assert server_was_left_alone(sink)
    page = as_alice.page("/staff/delivery/doctor/?network=1")
    assert "v=spf1" in page.text
    assert not server_was_left_alone(sink)


def server_was_left_alone(sink: SmtpServer) -> bool:
    return sink.connections == 0


def test_a_fresh_installation_without_sender_is_told_so(bare_app, monkeypatch):
    bare_app.extensions[names.PLACE] = Zone()
    bare_app.config.update(MAIL_DEFAULT_SENDER=None, MAIL_SERVER=None)
    rows = [*visit.here(bare_app), *visit.outside(bare_app)]
    assert states(rows)["Sender"] == "error"
    assert states(rows)["Mail server"] == "error"
