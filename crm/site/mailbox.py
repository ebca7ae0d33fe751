"""The local mailbox: an SMTP server on the loopback that keeps every mail as a file, for trying the program out."""

import os
import re
import secrets
import socket
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from crm.base.pages import Page, cut

KEPT = 1000
LOOK_AFTER = 50
NAME = re.compile(r"\d{20}-[0-9a-f]{8}")
NOT_SHOWN = {"content-type", "content-transfer-encoding", "mime-version", "x-envelope-to", "x-envelope-from"}


@dataclass(frozen=True)
class Mail:
    """One caught mail: its file's name and what is in it."""

    name: str
    message: EmailMessage

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(k, str(v)) for k, v in self.message.items() if k.lower() not in NOT_SHOWN]

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


class Keeper:
    """Takes the mails of the SMTP server and writes each to a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._received = 0
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        keep(self.folder, envelope)
        self._received += 1
        if self._received % LOOK_AFTER == 0:
            forget(self.folder, KEPT)
        return "250 Kept"


def server(folder: Path) -> Controller:
    """Return an SMTP server on a free port of the loopback (its attribute `port`) that is not started yet."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    return Controller(
        Keeper(folder),
        hostname="127.0.0.1",
        port=port,
        data_size_limit=32 * 1024 * 1024,
        authenticator=_welcome,
        auth_require_tls=False,
    )


def keep(folder: Path, envelope: Envelope) -> None:
    """Write one mail; it appears under its name only when it is whole."""
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    draft = folder / f"{name}.part"
    head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
    draft.write_bytes(head.encode() + (envelope.original_content or b""))
    draft.rename(folder / f"{name}.eml")


def listed(folder: Path, number: int, sought: str = "", per_page: int = 30) -> Page:
    """Return one page of mails, newest first; `sought` narrows them to those whose head contains it."""
    names = _names(folder)
    if sought:
        names = [name for name in names if sought.lower() in _head(folder, name)]

    def shown(start: int, stop: int) -> list[Mail]:
        return [mail for name in names[start:stop] if (mail := read(folder, name))]

    return cut(shown, len(names), number, per_page=per_page)


def read(folder: Path, name: str) -> Mail | None:
    """Return a mail, or None where no such mail was caught."""
    if not NAME.fullmatch(name):
        return None
    try:
        data = (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return Mail(name, message_from_bytes(data, policy=policy.default))


def forget(folder: Path, kept: int = 0) -> None:
    """Delete all mails but the newest."""
    for name in _names(folder)[kept:]:
        (folder / f"{name}.eml").unlink(missing_ok=True)


def _welcome(*_: object) -> AuthResult:
    # A login that is set for the relay to come must not keep the mail from being caught.
    return AuthResult(success=True)


def _names(folder: Path) -> list[str]:
    try:
        names = [entry.name.removesuffix(".eml") for entry in os.scandir(folder) if entry.name.endswith(".eml")]
    except FileNotFoundError:
        return []
    return sorted(names, reverse=True)


def _head(folder: Path, name: str) -> str:
    mail = read(folder, name)
    return (
        " ".join(str(mail.message.get(key, "")) for key in ("to", "subject", "x-envelope-to")).lower() if mail else ""
    )
