"""One SMTP connection that never blocks: it sends one letter at a time and tells what became of it.

MAIL, RCPT and DATA go out as one group where the server offers PIPELINING (RFC 2920); nothing of the next letter leaves
before the last one is answered.
"""

import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from crm.delivery import failpoints
from crm.delivery.connection import Opened
from crm.delivery.journal import Journal, boot_seconds
from crm.delivery.letter import Letter, Result

WAIT_READ, WAIT_WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
LONGEST_REPLY = 65536
KEPT_OF_REPLY = 400
Reply = tuple[int, str]
Done = Callable[["Lane", Result], None]
MayGo = Callable[[Letter], bool]


class Trouble(Protocol):
    """Told of trouble that no recipient is to blame for; permanent as in MailError."""

    def __call__(self, letter: Letter | None, code: int | None, reply: str, *, permanent: bool = False) -> None: ...


class Lane:
    """A connection, its journal, and the letter on it. Phases: idle, envelope, content, answer, reset, closed."""

    def __init__(self, journal: Journal, timeout: float, may_go: MayGo, done: Done, trouble: Trouble) -> None:
        self.journal = journal
        self.timeout = timeout
        self.may_go = may_go
        self.done = done
        self.trouble = trouble
        self.phase = "closed"
        self.letter: Letter | None = None
        self.expires = 0.0
        self._socket: socket.socket | None = None
        self._selector: selectors.BaseSelector | None = None
        self._input = b""
        self._output = memoryview(b"")
        self._replies: list[Reply] = []

    def open(self, opened: Opened, selector: selectors.BaseSelector) -> None:
        """Take over a connection that has greeted."""
        self._socket, self._selector = opened.socket, selector
        self.pipelining, self.smtputf8 = opened.pipelining, opened.smtputf8
        self._input, self._output = b"", memoryview(b"")
        self.phase = "idle"
        selector.register(opened.socket, WAIT_READ, self)

    def send(self, letter: Letter, envelope: list[bytes], content: bytes) -> None:
        """Begin a letter. envelope: the lines MAIL, RCPT and DATA. Where its lease is over, nothing is sent."""
        self.letter = letter
        self._content = content
        self._steps = list(envelope)
        self._replies = []
        if boot_seconds() >= letter.deadline:
            return self._result("unsent", None, "the lease was over")
        self.phase = "envelope"
        self._next_steps()

    def ready(self, events: int) -> None:
        """Go on, because the socket can be read or written."""
        try:
            if self._output and (events & WAIT_WRITE or isinstance(self._socket, ssl.SSLSocket)):
                self._flush()
            if events & WAIT_READ and self._socket is not None:
                self._read()
        except OSError as error:
            self.lost(f"connection lost: {error}")

    def check_time(self, now: float) -> None:
        """Give up on a server that does not answer."""
        if self.phase not in ("idle", "closed") and now > self.expires:
            self.lost("the server did not answer in time")

    def lost(self, why: str, *, blames: bool = True) -> None:
        """Judge the letter on a broken connection by how far it had come. blames: it is trouble of the server."""
        phase, letter = self.phase, self.letter
        self.close()
        refusal = self._last_refusal()
        if letter and phase == "answer":
            self._result("uncertain", None, why)
        elif letter and refusal:
            return self._refused(refusal, at_mail=not ok(self._replies[0]))
        elif letter:
            self._result("deferred", None, why)
        if blames and phase != "idle":  # A server may close a connection that nobody uses.
            self.trouble(letter, None, why)

    def close(self, *, politely: bool = False) -> None:
        """Close the connection."""
        if self._socket is None:
            return
        if self._selector is not None:
            self._selector.unregister(self._socket)
        try:
            if politely:
                self._socket.send(b"QUIT\r\n")
        except OSError:
            pass  # It is closed either way.
        self._socket.close()
        self._socket = None
        self.phase = "closed"

    def _next_steps(self) -> None:
        count = len(self._steps) if self.pipelining else 1
        octets = b"".join(self._steps[:count])
        del self._steps[:count]
        self._awaited = len(self._replies) + count
        self._write(octets)
        failpoints.reach("envelope")

    def _write(self, octets: bytes) -> None:
        self._output = memoryview(octets)
        self.expires = boot_seconds() + self.timeout
        try:
            self._flush()
        except OSError as error:
            self.lost(f"connection lost: {error}")

    def _flush(self) -> None:
        if self.phase == "content" and self.letter and boot_seconds() >= self.letter.deadline:
            self.close()
            return self._result("unsent", None, "the lease was over")
        assert self._socket is not None and self._selector is not None
        try:
            while self._output:
                self._output = self._output[self._socket.send(self._output) :]
                self.expires = boot_seconds() + self.timeout
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self._selector.modify(self._socket, WAIT_READ | WAIT_WRITE, self)
            return
        if self._selector.get_key(self._socket).events != WAIT_READ:
            self._selector.modify(self._socket, WAIT_READ, self)
        if self.phase == "content" and self.letter:
            failpoints.reach("dot")
            self.phase = "answer"
            self.expires = max(self.letter.deadline, boot_seconds() + self.timeout)

    def _read(self) -> None:
        assert self._socket is not None
        try:
            octets = self._socket.recv(LONGEST_REPLY)
            while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                octets += self._socket.recv(LONGEST_REPLY)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        if not octets:
            return self.lost("the server closed the connection")
        self._input += octets
        try:
            replies, self._input = parse(self._input)
        except ValueError as error:
            return self.lost(str(error))
        for reply in replies:
            if self.phase != "closed":
                self._answered(reply)

    def _answered(self, reply: Reply) -> None:
        self.expires = boot_seconds() + self.timeout
        if self.phase == "envelope":
            self._replies.append(reply)
            if len(self._replies) == self._awaited:
                self._judge_envelope()
        elif self.phase == "answer":
            self._judge_content(reply)
        elif self.phase == "content":  # An answer before the final dot can only be a refusal.
            self._judge_content(reply)
            self.close()
        elif self.phase == "void":
            self._reset()
        elif self.phase == "reset":
            self.phase = "idle"
        else:
            self.close()  # Spoken out of turn, usually 421: it is closing.

    def _judge_envelope(self) -> None:
        refusal = self._last_refusal()
        if refusal is None and self._steps:
            return self._next_steps()
        if refusal is None:
            return self._begin_content()
        data_accepted = len(self._replies) == 3 and self._replies[2][0] == 354
        self._refused(refusal, at_mail=not ok(self._replies[0]))
        if self.phase == "closed":
            return
        if data_accepted:  # Pipelined: the server waits for a text all the same (RFC 2920 §3.1).
            self.phase = "void"
            return self._write(b".\r\n")
        self._reset()

    def _refused(self, refusal: Reply, *, at_mail: bool) -> None:
        code, reply = refusal
        letter = self.letter
        if at_mail:  # The server or the sender address is in trouble; the recipient has not even been named.
            self._result("deferred" if 400 <= code < 500 and code != 421 else "unsent", code, reply)
            self.trouble(letter, code, reply)
        else:
            self._result("failed" if code >= 500 else "deferred", code, reply)
        if code == 421:
            self.close()

    def _begin_content(self) -> None:
        assert self.letter is not None
        if not self.may_go(self.letter):
            self.close()  # Nothing else takes DATA back.
            return self._result("unsent", None, "held back while the server took its time")
        self.journal.before(self.letter.id, self.letter.epoch)
        failpoints.reach("noted")
        self.phase = "content"
        self._write(self._content)

    def _judge_content(self, reply: Reply) -> None:
        code, text = reply
        answered = self.phase == "answer"
        text = text if code < 400 else f"after end of data: {text}"  # It blames no recipient (bounces.classes).
        if answered and 200 <= code < 300:
            outcome = "sent"
        elif code >= 400 or not answered:
            outcome = "failed" if code >= 500 else "deferred"
        else:  # What RFC 5321 knows no meaning for here: the mail may have been taken.
            outcome = "uncertain"
        self.phase = "idle"
        self._result(outcome, code, text)
        if code == 421 or outcome == "uncertain":
            self.close()

    def _reset(self) -> None:
        self.phase = "reset"
        self._write(b"RSET\r\n")

    def _last_refusal(self) -> Reply | None:
        for reply, expected, when in zip(self._replies, (2, 2, 3), ("", "", "after DATA: "), strict=False):
            if reply[0] // 100 != expected:
                return reply[0], f"{when}{reply[1]}"
        return None

    def _result(self, outcome: str, code: int | None, reply: str) -> None:
        letter, self.letter = self.letter, None
        assert letter is not None
        reply = reply[:KEPT_OF_REPLY].replace("\0", "")
        failpoints.reach("answered")
        if outcome != "unsent":
            self.journal.after(letter.id, letter.epoch, outcome, code, reply)
        failpoints.reach("journaled")
        self.done(self, Result(letter, outcome, code, reply))


def ok(reply: Reply) -> bool:
    return 200 <= reply[0] < 300


def parse(octets: bytes) -> tuple[list[Reply], bytes]:
    """Return the complete replies and the rest. Raises ValueError for what no SMTP server says."""
    if len(octets) > LONGEST_REPLY:
        raise ValueError("the server's reply is too long")
    lines = octets.split(b"\n")
    rest = lines.pop()
    replies: list[Reply] = []
    text: list[str] = []
    complete = 0
    for number, line in enumerate(lines, start=1):
        code = line[:3]
        if not code.isdigit() or line[3:4] not in (b" ", b"-", b"\r", b""):
            raise ValueError(f"the server does not speak SMTP: {line[:60]!r}")
        text.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] != b"-":
            replies.append((int(code), " ".join(text)))
            text, complete = [], number
    return replies, b"\n".join([*lines[complete:], rest])
