"""The mailbox that bounces come to, by IMAP or POP3 over verified TLS."""

import imaplib
import poplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from crm.delivery.bounces.mails import MOST_BYTES

TIMEOUT = 20  # seconds for one answer
MOST_LINES = 20_000  # of a mail by POP3, which knows no ranges
SIZE = re.compile(rb"^\d+ (\d+)")
poplib._MAXLINE = MOST_BYTES  # type: ignore[attr-defined]  # Its own, 2048 bytes, is less than bounces hold.
# What the two libraries raise for answers that no server should give.
CONFUSED = (EOFError, ValueError, IndexError, TypeError, AttributeError)


class MailboxError(Exception):
    """The mailbox cannot be read now. permanent: not before somebody changes something."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Connection(Protocol):
    """What a mailbox does, by whatever protocol; keys name its mails, the oldest first."""

    def keys(self, most: int) -> list[str]: ...
    def fetch(self, key: str) -> bytes: ...
    def delete(self, keys: Sequence[str]) -> None: ...
    def close(self) -> None: ...


class Mailbox:
    """The mailbox of a URL like imaps://user:password@host/INBOX or pop3s://…; everything raises MailboxError.

    User and password are written as URLs want it (@ as %40).
    """

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        parts = _parts(url)
        self.host = parts.hostname or ""
        with _told(self.host):
            self._connection: Connection = KINDS[parts.scheme](parts, ssl.create_default_context(cafile=ca_file))

    def __enter__(self) -> "Mailbox":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(MailboxError), _told(self.host):
            self._connection.close()

    def keys(self, most: int) -> list[str]:
        """Return the keys of the oldest mails, at most so many."""
        with _told(self.host):
            return self._connection.keys(most)

    def fetch(self, key: str) -> bytes:
        """Return a mail, as much of it as is ever read."""
        with _told(self.host):
            return self._connection.fetch(key)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete these mails; nothing can be asked of the mailbox after it."""
        with _told(self.host):
            self._connection.delete(keys)


class Imap:
    """A folder by IMAP (RFC 9051)."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext) -> None:
        self.server = imaplib.IMAP4_SSL(parts.hostname or "", parts.port or 993, ssl_context=context, timeout=TIMEOUT)
        try:
            self.server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            folder = unquote(parts.path.strip("/")) or "INBOX"
            quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
            self._ask("SELECT", *self.server.select(f'"{quoted}"'))
        except BaseException:
            self.server.shutdown()
            raise

    def keys(self, most: int) -> list[str]:
        found = self._ask("SEARCH", *self.server.uid("SEARCH", "UNDELETED"))
        return b" ".join(part for part in found if isinstance(part, bytes)).decode("ascii").split()[:most]

    def fetch(self, key: str) -> bytes:
        found = self._ask("FETCH", *self.server.uid("FETCH", key, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def delete(self, keys: Sequence[str]) -> None:
        self._ask("STORE", *self.server.uid("STORE", ",".join(keys), "+FLAGS.SILENT", r"(\Deleted)"))
        self._ask("EXPUNGE", *self.server.expunge())

    def close(self) -> None:
        self.server.logout()

    @staticmethod
    def _ask(command: str, status: str, data: Sequence[object]) -> Sequence[object]:
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command}: {data!r:.200}")
        return data


class Pop:
    """A mailbox by POP3 (RFC 1939), which deletes when it is closed in good order."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext) -> None:
        self.server = poplib.POP3_SSL(parts.hostname or "", parts.port or 995, timeout=TIMEOUT, context=context)
        try:
            self.server.user(unquote(parts.username or ""))
            self.server.pass_(unquote(parts.password or ""))
        except BaseException:
            self.server.close()
            raise

    def keys(self, most: int) -> list[str]:
        _, lines, _ = self.server.list()
        self.sizes = {line.split()[0].decode("ascii"): int(line.split()[1]) for line in islice(lines, most)}
        return list(self.sizes)

    def fetch(self, key: str) -> bytes:
        number = int(key)
        whole = self.sizes[key] <= 4 * MOST_BYTES
        _, lines, _ = self.server.retr(number) if whole else self.server.top(number, MOST_LINES)
        return b"\r\n".join(lines) + b"\r\n"

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.server.dele(int(key))
        self.server.quit()

    def close(self) -> None:
        self.server.close()


KINDS: dict[str, type[Imap] | type[Pop]] = {"imaps": Imap, "pop3s": Pop}


def _parts(url: str) -> SplitResult:
    # The URL holds a password, so that no message repeats it.
    try:
        parts = urlsplit(url)
        complete = parts.scheme in KINDS and parts.hostname and parts.username and parts.password and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise MailboxError(
            "BOUNCE_MAILBOX must look like imaps://user:password@host/INBOX or pop3s://user:password@host.",
            permanent=True,
        )
    return parts


@contextmanager
def _told(host: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise MailboxError(f"{host}: TLS: {error}", permanent=True) from error
    except (imaplib.IMAP4.abort, OSError, *CONFUSED) as error:
        raise MailboxError(f"{host}: {error}") from error
    except (imaplib.IMAP4.error, poplib.error_proto) as error:
        raise MailboxError(f"{host}: {error}", permanent="EOF" not in str(error)) from error
