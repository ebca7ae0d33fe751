"""A mailbox, by IMAP or POP3 over verified TLS."""

import imaplib
import poplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from crm.delivery.bounces.mails import MOST_BYTES

TIMEOUT = 20.0  # seconds for one answer
MOST_LINES = 20_000  # of a mail by POP3, which knows no ranges
SIZE = re.compile(rb"^\d+ (\d+)")
DELETED_AT_ONCE = 500  # Servers bound the length of a command.
# Its own, 2048 bytes, is less than bounces hold; and behind a longer line the connection could not be used any more.
poplib._MAXLINE = 2**30  # type: ignore[attr-defined]
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

    User and password are written as URLs want it (@ as %40). `setting` is where the URL stands, for messages.
    """

    def __init__(
        self, url: str, ca_file: str | None = None, timeout: float = TIMEOUT, *, setting: str = "BOUNCE_MAILBOX"
    ) -> None:
        parts = _parts(url, setting)
        self.host = parts.hostname or ""
        with _told(self.host):
            context = ssl.create_default_context(cafile=ca_file)
            self._connection: Connection = KINDS[parts.scheme](parts, context, timeout)

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
        """Return a mail, as much of it as is ever read. A permanent MailboxError is about this mail alone."""
        with _told(self.host):
            return self._connection.fetch(key)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete these mails; nothing can be asked of the mailbox after it."""
        with _told(self.host):
            self._connection.delete(keys)


class Imap:
    """A folder by IMAP (RFC 9051)."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext, timeout: float) -> None:
        self.server = imaplib.IMAP4_SSL(parts.hostname or "", parts.port or 993, ssl_context=context, timeout=timeout)
        try:
            self.server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            folder = unquote(parts.path.strip("/")) or "INBOX"
            quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
            self.number = int(self._ask("SELECT", *self.server.select(f'"{quoted}"'))[0])
            # Known only after the login, as a rule (RFC 4315).
            self.by_uid = "UIDPLUS" in str(self._ask("CAPABILITY", *self.server.capability())).upper()
        except BaseException:
            self.server.shutdown()
            raise

    def keys(self, most: int) -> list[str]:
        # In ranges: of a full mailbox the answer would be a line longer than imaplib reads.
        for first in range(1, self.number + 1, most):
            numbers = f"{first}:{min(first + most - 1, self.number)}"
            found = self._ask("SEARCH", *self.server.uid("SEARCH", numbers, "UNDELETED"))
            if keys := b" ".join(part for part in found if isinstance(part, bytes)).decode("ascii").split():
                return keys
        return []

    def fetch(self, key: str) -> bytes:
        found = self._ask("FETCH", *self.server.uid("FETCH", key, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def delete(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), DELETED_AT_ONCE):
            some = ",".join(keys[start : start + DELETED_AT_ONCE])
            self._ask("STORE", *self.server.uid("STORE", some, "+FLAGS.SILENT", r"(\Deleted)"))
            if self.by_uid:
                self._ask("EXPUNGE", *self.server.uid("EXPUNGE", some))
        if not self.by_uid:
            self._ask("EXPUNGE", *self.server.expunge())

    def close(self) -> None:
        self.server.logout()

    @staticmethod
    def _ask(command: str, status: str, data: Sequence[Any]) -> Sequence[Any]:
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command}: {data!r:.200}")
        return data


class Pop:
    """A mailbox by POP3 (RFC 1939), which deletes when it is closed in good order."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext, timeout: float) -> None:
        self.server = poplib.POP3_SSL(parts.hostname or "", parts.port or 995, timeout=timeout, context=context)
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


def _parts(url: str, setting: str) -> SplitResult:
    # The URL holds a password, so that no message repeats it.
    try:
        parts = urlsplit(url)
        complete = parts.scheme in KINDS and parts.hostname and parts.username and parts.password and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise MailboxError(
            f"{setting} must look like imaps://user:password@host/INBOX or pop3s://user:password@host.",
            permanent=True,
        )
    return parts


@contextmanager
def _told(host: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        gone = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        raise MailboxError(f"{host}: TLS: {error}", permanent=not gone) from error
    except (imaplib.IMAP4.abort, OSError, *CONFUSED) as error:
        raise MailboxError(f"{host}: {error}") from error
    except (imaplib.IMAP4.error, poplib.error_proto) as error:
        raise MailboxError(f"{host}: {error}", permanent="EOF" not in str(error)) from error
