"""What bench/ measures is what it says: the mailing, the keys, the distance, and what it sees of a worker."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from flask import Flask
from flask_mail import Mail

from bench import delay, sending, stage, throughput
from bench.counting_sink import CountingSink
from bench.distance import Distance
from crm import config
from crm.delivery import dkim, outbox
from crm.extensions import db
from tests.sending import send_due
from tests.smtp_server import SmtpServer

LINK = re.compile(r"https?://[^\s\"<>]+")


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """An installation without people of the measurements, before and after."""
    yield app
    db.session.rollback()
    stage.people.drop(db.engine, checkfirst=True)


def test_the_mailing_weighs_11_kilobytes_and_has_two_parts_with_the_same_three_links_and_the_name(app):
    message = stage.queue_mailing(1)
    raw = sending.sample(stage.Installation(app, {}), message.id)
    assert 10_500 < len(raw) < 11_500
    parts = [part.get_content() for part in message_from_bytes(raw, policy=policy.default).iter_parts()]
    plain, html = (LINK.findall(part) for part in parts)
    assert len(set(plain)) == 3
    assert plain == html
    assert all("Dear Amina," in part for part in parts)


def test_the_mailing_names_each_of_its_people(app, sink, deliver):
    stage.queue_mailing(3, kilobytes=1)
    assert len(deliver()) == 3
    assert "Dear Chidi," in sink["person2@mail.example"].html


@pytest.mark.parametrize(
    ("way", "algorithms"), [("without_dkim", []), ("with_dkim", ["rsa-sha256"]), ("with_ed25519", ["ed25519-sha256"])]
)
def test_each_way_to_sign_signs_with_what_it_says(tmp_path, monkeypatch, way, algorithms):
    for name, path in throughput.make_keys(tmp_path)[way].items():
        monkeypatch.setenv(name, path)
    keys = dkim.keys(config.load({"INSTANCE_PATH": str(tmp_path)}))
    assert [key.algorithm for key in keys] == algorithms
    assert [key.private.key_size for key in keys if way == "with_dkim"] == [2048] * (way == "with_dkim")


def test_mail_to_a_far_server_arrives_whole_and_takes_its_time(app, sink):
    stage.queue_mailing(3)
    with Distance(sink.port, 0.01) as far:
        assert 0.02 <= far.round_trip() < 1
        app.config.update(MAIL_PORT=far.port)
        Mail(app)
        send_due(app)
    assert [len(sink.to(f"person{number}@mail.example")) for number in (1, 2, 3)] == [1, 1, 1]
    assert sink["person3@mail.example"].html.endswith("</body></html>")


@pytest.mark.parametrize("loop", [delay.plainly, delay.over_one_connection])
def test_flask_mail_sends_the_same_text(loop):
    with SmtpServer() as server, Distance(server.port, 0.0) as far, delay.flask_mail_alone(far) as mail:
        loop(mail, [delay.message(number) for number in range(3)])
    assert "Dear Amina" in server["person2@mail.example"].html
    assert len(server.mails) == 3
    assert server.connections == (3 if loop is delay.plainly else 1)


def test_a_worker_is_watched_until_its_mailing_has_arrived(app):
    names = ("DATABASE_URL", "INSTANCE_PATH", "SECRET_KEY", "PUBLIC_URL")
    settings = {name: app.config[name] for name in names}
    with CountingSink() as counting:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(counting.port), "MAIL_USE_TLS": "false"}
        installation = stage.Installation(app, stage.child_environment(**settings, **mail))
        message_id = stage.queue_mailing(600, kilobytes=3).id
        counting.delay = 0.01
        try:
            watch = sending.watched(installation, counting, message_id, 600)
        finally:
            installation.end()
    assert outbox.counts(message_id)["sent"] == counting.accepted == 600
    assert len(watch.peaks) == len(watch.growth()) == 1 + sending.PROCESSES
    assert all(20 < peak < 500 for peak in watch.peaks.values())
    assert 0 < watch.cpu < 1
    assert (watch.log > 0) == (db.engine.dialect.name == "sqlite")
