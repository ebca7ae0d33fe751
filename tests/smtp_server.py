"""A small SMTP server in a thread: it keeps the mails it accepts, and fails in whatever way a test asks for."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

Reply = str | Callable[[str], str | None] | None


@dataclass
class Mail:
    """An accepted mail: its envelope, its bytes as they came, and what was parsed of them."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()


@dataclass
class Script:
    """What goes wrong. Each reply may be a text or a function of the address; None means: say nothing and hang."""

    greeting: str | None = "220 test ESMTP"
    mail: Reply = "250 ok"
    rcpt: Reply = "250 ok"
    data: str = "354 go on"
    final: Reply = "250 2.0.0 queued as 1"
    # handshake, mail, rcpt, data, content (before the dot), dot (after it, nothing accepted), accepted (after it)
    drop: str = ""
    drop_times: int = 10**9
    drop_for: Callable[[str], bool] = bool  # which recipients' mail it drops; all of them unless told otherwise
    pipelining: bool = True
    smtputf8: bool = False
    careless: bool = False  # Answers DATA with 354 although it refused the recipient.
    context: ssl.SSLContext | None = None
    offer_starttls: bool = True
    auth: str = ""  # the reply to AUTH, where it is offered
    offers: list[str] = field(default_factory=list)  # further extensions
    seconds_a_byte: float = 0.0  # between two bytes of each reply


@dataclass
class SmtpServer:
    """Use as a context manager; `port` is where it listens, `mails` what it accepted."""

    script: Script = field(default_factory=Script)
    mails: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> "SmtpServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        if self.script.drop == "content":
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def __getitem__(self, recipient: str) -> Mail:
        """Return the one mail to that address."""
        found = [mail for mail in self.mails if mail.recipient == recipient]
        assert len(found) == 1, f"{len(found)} mails to {recipient}"
        return found[0]

    def to(self, recipient: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == recipient]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            Session(self, connection).run()
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            connection.close()


class Session:
    """One connection."""

    def __init__(self, server: SmtpServer, connection: socket.socket) -> None:
        self.server = server
        self.script = server.script
        self.connection = connection
        self.file = connection.makefile("rb")
        self.sender = self.recipient = ""

    def run(self) -> None:
        self.say(self.script.greeting)
        while line := self.file.readline():
            command = line.decode().rstrip("\r\n")
            self.server.commands.append(command)
            verb = command.split(" ")[0].split(":")[0].lower()
            if verb == "quit":
                return self.say("221 bye")
            if self.drops(verb):
                return None
            if not getattr(self, f"on_{verb}", self.unknown)(command):
                return None
        return None

    def on_ehlo(self, _: str) -> bool:
        offers = ["test"] + ["PIPELINING"] * self.script.pipelining + ["SMTPUTF8", "8BITMIME"] * self.script.smtputf8
        offers += ["AUTH PLAIN"] * bool(self.script.auth) + self.script.offers
        if self.script.context and self.script.offer_starttls and not isinstance(self.connection, ssl.SSLSocket):
            offers.append("STARTTLS")
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        return self.say(f"250 {offers[-1]}")

    def on_starttls(self, _: str) -> bool:
        self.say("220 go on")
        if self.drops("handshake"):
            return False
        self.connection = self.script.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        return True

    def on_auth(self, _: str) -> bool:
        return self.say(self.script.auth)

    def on_mail(self, command: str) -> bool:
        self.sender = command.partition("<")[2].partition(">")[0]
        return self.say(answer(self.script.mail, self.sender))

    def on_rcpt(self, command: str) -> bool:
        self.recipient = command.partition("<")[2].partition(">")[0]
        reply = answer(self.script.rcpt, self.recipient)
        if reply and not reply.startswith("2"):
            self.recipient = ""
        return self.say(reply)

    def on_rset(self, _: str) -> bool:
        self.recipient = ""
        return self.say("250 ok")

    def on_data(self, _: str) -> bool:
        if not self.recipient and not self.script.careless:
            return self.say("503 no recipient")
        self.say(self.script.data)
        if not self.script.data.startswith("354"):
            return True
        if self.drops("content"):
            self.file.readline()
            return False
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.drops("dot"):
            return False
        reply = answer(self.script.final, self.recipient) if self.recipient else "554 no recipient"
        if (reply and reply.startswith("2")) or not self.recipient:
            self.server.mails.append(Mail(self.sender, self.recipient, b"".join(lines)))
        if self.drops("accepted"):
            return False
        return self.say(reply)

    def unknown(self, _: str) -> bool:
        return self.say("502 what?")

    def drops(self, moment: str) -> bool:
        if self.script.drop != moment or self.script.drop_times <= 0:
            return False
        if self.recipient and not self.script.drop_for(self.recipient):
            return False
        self.script.drop_times -= 1
        return True

    def say(self, reply: str | None) -> bool:
        octets = b"" if reply is None else reply.encode() + b"\r\n"
        if not self.script.seconds_a_byte:
            self.connection.sendall(octets)
            return True
        for byte in octets:
            time.sleep(self.script.seconds_a_byte)
            self.connection.sendall(bytes([byte]))
        return True


def answer(reply: Reply, address: str) -> str | None:
    return reply(address) if callable(reply) else reply
