"""Takes copies of mail and replies over SMTP or LMTP (RFC 2033), and accepts each only once it is in the database."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from crm.base import database
from crm.delivery.bounces.mails import whole
from crm.extensions import db
from crm.influencers.inbound import keeping
from crm.influencers.inbound.receiving import is_known, receive

log = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
MOST_RECIPIENTS = 20
MOST_SESSIONS = 20
IDLE_SECONDS = 60.0
THREADS = 2
LATER = "451 4.3.0 Not now, try again later"
UNKNOWN = "550 5.1.1 No such address"
REPLIES = {
    keeping.LOGGED: "250 2.0.0 Logged",
    keeping.UNSORTED: "250 2.0.0 Kept until it is sorted",
    keeping.AGAIN: "250 2.0.0 Known already",
    keeping.IGNORED: "250 2.0.0 Written by a machine, not logged",
    keeping.REFUSED: UNKNOWN,
    keeping.KEPT: "250 2.0.0 Kept for the staff",
    keeping.ASIDE: "250 2.0.0 Written by a machine, set aside",
    keeping.DROPPED: "554 5.7.1 Too many mails of this sender",
    keeping.FULL: "452 4.2.2 Too much waits to be sorted there",
}


class Taker:
    """What the server asks (aiosmtpd's names): is the receiver one of ours, and what becomes of the mail?"""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._threads = ThreadPoolExecutor(THREADS, "inbound")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients at once"
        if not await self._apart(self._is_known, address):
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        replies = await self._apart(self._taken, envelope.original_content or b"", list(envelope.rcpt_tos))
        return "\r\n".join(replies) if isinstance(server, LMTP) else min(replies, key=_what_matters)

    async def handle_exception(self, error: Exception) -> str:
        log.error("A copy of a mail could not be taken", exc_info=error)
        return LATER

    def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown()

    async def _apart(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _is_known(self, address: str) -> bool:
        with self.app.app_context(), database.reading():
            return is_known(address)

    def _taken(self, octets: bytes, to: Sequence[str]) -> list[str]:
        """Return one reply a receiver, after the commit."""
        with self.app.app_context():
            try:
                outcomes = receive(whole("inbound", [octets]), to)
                db.session.commit()
            except Exception:
                db.session.rollback()
                log.exception("A copy of a mail could not be written down")
                return [LATER for _ in to]
            return [REPLIES[outcome.state] for outcome in outcomes]


class Bounded(SMTP):
    """A session that cannot fill the memory: aiosmtpd would hold a line without end, and any number of sessions."""

    line_length_limit = 64 * 1024
    sessions: set["Bounded"]
    heard = 0  # octets since our last reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.sessions.add(self)
        if len(self.sessions) > MOST_SESSIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.sessions.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)
        if self.heard > 2 * MOST_BYTES and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
            return
        super().data_received(data)

    async def push(self, status: Any) -> None:
        self.heard = 0
        await super().push(status)


class BoundedLmtp(Bounded, LMTP):
    """The same in LMTP, where each receiver gets a reply to the mail (RFC 2033 §4.2)."""

    async def push(self, status: Any) -> None:
        receivers = len(self.envelope.rcpt_tos) if self.envelope else 0
        refused = str(status).startswith(("552 Error: Too much", "500 Line too long"))
        await super().push("\r\n".join([status] * max(1, receivers)) if refused else status)


class Server(Controller):
    """An SMTP or LMTP server in a thread of its own."""

    def __init__(self, app: Flask, host: str, port: int, *, lmtp: bool) -> None:
        self.kind: type[Bounded] = BoundedLmtp if lmtp else Bounded
        self.sessions: set[Bounded] = set()
        self.taker = Taker(app)
        super().__init__(self.taker, hostname=host, port=port)

    def factory(self) -> SMTP:
        session = self.kind(
            self.handler,
            data_size_limit=MOST_BYTES,
            timeout=IDLE_SECONDS,
            hostname="groundswell",
            ident="copies of mail",
            loop=self.loop,
        )
        session.sessions = self.sessions
        return session

    def stop(self, no_assert: bool = False) -> None:
        super().stop(no_assert=no_assert)
        self.taker.close()


def _what_matters(reply: str) -> int:
    """Let a mail be sent again that is to be sent again to one; accept it where one took it."""
    return "425".index(reply[0])
