"""Opens a real connection to the mail server, as the sender does, and looks at its certificate."""

import ipaddress
import ssl
import time
from contextlib import suppress

from flask import Flask

from crm.delivery.connection import MailError, Opened, VerifiedConnection
from crm.site.doctor.rows import Row, error, ok, warning

NAME = "Mail server"
LONGEST_SECONDS = 8.0
SOON_DAYS = 14


def look(app: Flask) -> Row:
    """Connect, greet, encrypt, log in, and leave."""
    where = f"{app.config['MAIL_SERVER']}:{app.config['MAIL_PORT']}"
    if not app.config["MAIL_SERVER"] and app.config["DEVELOPMENT"]:
        mend = "For real mail set MAIL_SERVER and its login."
        return warning(NAME, "MAIL_SERVER is not set: `crm up` catches all mail in the local mailbox.", mend)
    if not app.config["MAIL_SERVER"]:
        return error(NAME, "MAIL_SERVER is not set, so no mail leaves this machine.", "Set MAIL_SERVER and its login.")
    connection = VerifiedConnection(app)
    connection.timeout = min(connection.timeout, LONGEST_SECONDS)
    try:
        opened = connection.open()
    except MailError as trouble:
        mend = "Look at MAIL_SERVER, MAIL_PORT, MAIL_USERNAME, MAIL_PASSWORD and MAIL_USE_TLS, and at the firewall."
        return error(NAME, f"{where}: {trouble}", mend)
    try:
        return _judge(opened, where, app.config["MAIL_SERVER"])
    finally:
        _leave(opened)


def _judge(opened: Opened, where: str, host: str) -> Row:
    if not isinstance(opened.socket, ssl.SSLSocket):
        if _is_here(host):
            return ok(NAME, f"{where} answers, without TLS, on this machine.")
        return error(NAME, f"{where} answers, but without TLS: all can read along.", "Set MAIL_USE_TLS=true.")
    until = ssl.cert_time_to_seconds(str(opened.socket.getpeercert()["notAfter"]))  # type: ignore[index]
    days = (until - time.time()) / 86400
    found = f"{where} answers with {opened.socket.version()}; its certificate holds {days:.0f} days more."
    if days < SOON_DAYS:
        return warning(NAME, found, "Whoever runs the mail server must renew it, or mail will stop.")
    slow = "" if opened.pipelining else " It offers no PIPELINING, so sending is slower."
    return ok(NAME, found + slow)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _leave(opened: Opened) -> None:
    with suppress(OSError):  # It is closed either way.
        opened.socket.send(b"QUIT\r\n")
    opened.socket.close()
