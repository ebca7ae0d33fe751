"""A connection to the mail server: Flask-Mail's, with verified TLS and time-outs."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from flask import Flask
from flask_mail import Connection


class MailError(Exception):
    """The mail server cannot be used now. permanent: trying again will not help before somebody changes something."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass
class Opened:
    """A socket that has greeted, and where needed encrypted and logged in; and what the server offers."""

    socket: socket.socket
    pipelining: bool
    smtputf8: bool


class VerifiedConnection(Connection):
    """Flask-Mail's connection, but with STARTTLS required, certificates verified, and a time-out on every step."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.extensions["mail"])
        self.timeout = float(app.config["SMTP_TIMEOUT"])
        self.ca_file = app.config.get("MAIL_CA_FILE")

    def open(self) -> Opened:
        """Connect, and return the socket. Raises MailError."""
        if not self.mail.server:
            raise MailError("MAIL_SERVER is not set", permanent=True)
        try:
            host = self.configure_host()
        except ssl.SSLError as error:
            broken = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)  # As where the server starts again.
            raise MailError(f"TLS: {error}", permanent=not broken) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailError(f"{error}", permanent=True) from error
        except smtplib.SMTPResponseException as error:
            reply = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode(errors="replace")
            raise MailError(f"{error.smtp_code} {reply}", permanent=error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a login or host not in ASCII.
            raise MailError(f"{self.mail.server}:{self.mail.port}: {error}") from error
        return _opened(host)

    def configure_host(self) -> smtplib.SMTP:
        """Return the smtplib connection; raises OSError, ssl.SSLError or SMTPException."""
        context = ssl.create_default_context(cafile=self.ca_file)
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(self.mail.server, self.mail.port, timeout=self.timeout, context=context)
        else:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=self.timeout)
        try:
            host.ehlo_or_helo_if_needed()
            if self.mail.use_tls and not self.mail.use_ssl:
                host.starttls(context=context)
                host.ehlo_or_helo_if_needed()
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host


def _opened(host: smtplib.SMTP) -> Opened:
    if host.sock is None:
        raise MailError("the server closed the connection")
    host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host.sock.setblocking(False)
    if host.file is not None:
        host.file.close()
    return Opened(host.sock, host.has_extn("pipelining"), host.has_extn("smtputf8"))
