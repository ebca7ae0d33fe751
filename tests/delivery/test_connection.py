"""The connection to the mail server: TLS is required and verified unless a setting says otherwise."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from crm.delivery import outbox, rests
from crm.delivery.connection import MailError, VerifiedConnection
from crm.delivery.models import Rest
from crm.extensions import db, mail
from tests.delivery.test_outbox import make_message
from tests.sending import send_due
from tests.smtp_server import Script, SmtpServer

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def use(app, server: SmtpServer, **settings) -> None:
    app.config.update(MAIL_SERVER="localhost", MAIL_PORT=server.port, **settings)
    mail.init_app(app)


def test_mail_goes_out_through_verified_starttls(app, context):
    with SmtpServer(Script(context=context)) as server:
        use(app, server, MAIL_USE_TLS=True, MAIL_CA_FILE=str(CERTIFICATE))
        message = make_message(html="<p>x</p>" * 200_000)
        outbox.queue(message, "a@mail.example")
        outbox.queue(message, "b@mail.example")
        send_due(app)
        assert [mail.recipient[0] for mail in server.mails] == ["a", "b"]
        assert len(server.mails[0].raw) > 1_500_000
        assert "STARTTLS" in server.commands


def test_a_certificate_that_nobody_vouches_for_stops_everything(bare_app, context):
    with SmtpServer(Script(context=context)) as server:
        use(bare_app, server, MAIL_USE_TLS=True)
        with pytest.raises(MailError, match="TLS") as caught:
            VerifiedConnection(bare_app).open()
        assert caught.value.permanent


def test_trouble_that_only_a_change_can_end_is_shown_at_once_and_the_server_is_not_asked_again_soon(app, context):
    with SmtpServer(Script(context=context)) as server:
        use(app, server, MAIL_USE_TLS=True)  # Nobody vouches for the certificate.
        outbox.queue(make_message(), "a@mail.example")
        send_due(app)
        (rest,) = rests.current()
        assert "TLS" in rest.reason
        assert rest.until - rest.since == timedelta(seconds=30)
        assert outbox.counts(1)["queued"] == 1


def test_a_server_that_is_away_is_asked_again_soon(app):
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=1)
    mail.init_app(app)
    outbox.queue(make_message(), "a@mail.example")
    send_due(app)
    rest = db.session.get(Rest, "")
    assert rest.until - rest.since <= timedelta(seconds=4)


def test_a_handshake_that_breaks_off_is_tried_again_soon(bare_app, context):
    with SmtpServer(Script(context=context, drop="handshake")) as server:
        use(bare_app, server, MAIL_USE_TLS=True, MAIL_CA_FILE=str(CERTIFICATE))
        with pytest.raises(MailError) as caught:
            VerifiedConnection(bare_app).open()
        assert not caught.value.permanent


def test_a_certificate_for_another_name_stops_everything(bare_app, context, monkeypatch):
    with SmtpServer(Script(context=context)) as server:
        use(bare_app, server, MAIL_USE_TLS=True, MAIL_CA_FILE=str(CERTIFICATE))
        monkeypatch.setattr("socket.getfqdn", lambda *_: "test")
        bare_app.config["MAIL_SERVER"] = "localhost.localdomain"
        mail.init_app(bare_app)
        with pytest.raises(MailError):
            VerifiedConnection(bare_app).open()
        assert server.mails == []


def test_a_server_without_starttls_is_refused_unless_plain_smtp_is_permitted(bare_app, context):
    with SmtpServer(Script(context=context, offer_starttls=False)) as server:
        use(bare_app, server, MAIL_USE_TLS=True)
        with pytest.raises(MailError, match="STARTTLS"):
            VerifiedConnection(bare_app).open()
        use(bare_app, server, MAIL_USE_TLS=False)
        opened = VerifiedConnection(bare_app).open()
        assert opened.pipelining
        opened.socket.close()


def test_an_unset_mail_server_is_trouble_that_staff_can_read(app):
    app.config.update(MAIL_SERVER=None)
    mail.init_app(app)
    outbox.queue(make_message(), "a@mail.example")
    send_due(app)
    assert "MAIL_SERVER is not set" in db.session.get(Rest, "").reason
    with pytest.raises(MailError, match="MAIL_SERVER"):
        VerifiedConnection(app).open()
