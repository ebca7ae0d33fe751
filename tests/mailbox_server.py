"""A small IMAP and POP3 server over TLS in a thread: one mailbox, that of `bounces` with the password `secret/@`."""

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "delivery" / "localhost.pem"
LOGIN = ("bounces@bridgeway.example", "secret/@")


@dataclass
class MailboxServer:
    """Use as a context manager. mails: what lies in the box; breaks_at: the commands at which it hangs up.

    damaged: the mails that it cannot give out; marked: those that another client wants to delete.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    breaks_at: str = ""
    damaged: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)
    capabilities: str = "IMAP4rev1"
    garbage: bytes = b""
    commands: list[str] = field(default_factory=list)

    def __enter__(self) -> "MailboxServer":
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(CERTIFICATE)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def url(self, scheme: str, password: str = "secret%2F%40", folder: str = "INBOX") -> str:
        self.protocol = Imap if scheme == "imaps" else Pop
        return f"{scheme}://bounces%40bridgeway.example:{password}@localhost:{self.port}/{folder}"

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            with self._context.wrap_socket(raw, server_side=True) as connection:
                self.protocol(self, connection).run()
        except (OSError, ValueError, IndexError):
            pass


class Session:
    """One connection."""

    def __init__(self, server: MailboxServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.deleted: set[int] = set(server.marked)

    def say(self, octets: bytes) -> None:
        self.connection.sendall(octets + b"\r\n")

    def run(self) -> None:
        self.say(self.server.garbage or self.greeting)
        for line in self.connection.makefile("rb"):
            command = line.decode().rstrip("\r\n")
            self.server.commands.append(command)
            if self.server.breaks_at and self.server.breaks_at in command:
                return
            if self.answer(command) == "bye":
                return

    def expunge(self) -> None:
        for number in self.deleted:
            self.server.mails.pop(number, None)


class Imap(Session):
    greeting = b"* OK ready"

    def answer(self, line: str) -> str | None:
        tag, _, command = line.partition(" ")
        verb = command.upper()
        if verb.startswith("LOGIN"):
            good = f'"{LOGIN[1]}"' in command and LOGIN[0] in command
            self.say(f"{tag} {'OK' if good else 'NO'} login".encode())
        elif verb.startswith("CAPABILITY"):
            self.say(f"* CAPABILITY {self.server.capabilities}".encode())
            self.say(f"{tag} OK done".encode())
        elif verb.startswith("SELECT"):
            self.say(f"* {len(self.server.mails)} EXISTS".encode())
            self.say(f"{tag} {'OK' if 'INBOX' in verb else 'NO'} select".encode())
        elif verb.startswith("UID SEARCH"):
            first, last = self.numbers(verb)
            found = [uid for uid in sorted(self.server.mails)[first - 1 : last] if uid not in self.deleted]
            self.say(f"* SEARCH {' '.join(map(str, found))}".encode())
            self.say(f"{tag} {'OK' if last <= len(self.server.mails) else 'BAD'} done".encode())
        elif verb.startswith("UID FETCH"):
            number, most = map(int, re.match(r"UID FETCH (\d+) .*<0\.(\d+)>", verb).groups())
            if number in self.server.damaged:
                return self.say(f"{tag} NO internal error".encode())
            octets = self.server.mails[number][:most]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(octets)}}}\r\n".encode()
            self.connection.sendall(head + octets + b")\r\n")
            self.say(f"{tag} OK done".encode())
        elif verb.startswith("UID STORE"):
            self.deleted |= {int(number) for number in command.split()[2].split(",")}
            self.say(f"{tag} OK done".encode())
        elif verb.startswith("UID EXPUNGE"):
            self.deleted &= {int(number) for number in command.split()[2].split(",")}
            self.expunge()
            self.say(f"{tag} OK done".encode())
        elif verb.startswith("EXPUNGE"):
            self.expunge()
            self.say(f"{tag} OK done".encode())
        else:
            self.say(b"* BYE")
            self.say(f"{tag} OK bye".encode())
            return "bye"
        return None

    def numbers(self, verb: str) -> tuple[int, int]:
        found = re.match(r"UID SEARCH (\d+):(\d+)", verb)
        return (int(found[1]), int(found[2])) if found else (1, len(self.server.mails))


class Pop(Session):
    greeting = b"+OK ready"

    def answer(self, command: str) -> str | None:
        verb, _, rest = command.partition(" ")
        if verb == "USER":
            self.say(b"+OK")
        elif verb == "PASS":
            self.say(b"+OK" if rest == LOGIN[1] else b"-ERR no")
        elif verb == "LIST":
            self.say(b"+OK")
            for number, octets in sorted(self.server.mails.items()):
                self.say(f"{number} {len(octets)}".encode())
            self.say(b".")
        elif verb in ("RETR", "TOP") and int(rest.split()[0]) in self.server.damaged:
            self.say(b"-ERR internal error")
        elif verb in ("RETR", "TOP"):
            lines = self.server.mails[int(rest.split()[0])].replace(b"\r\n", b"\n").split(b"\n")
            lines = lines if verb == "RETR" else lines[: 200 + int(rest.split()[1])]
            self.say(b"+OK")
            self.say(b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines))
            self.say(b".")
        elif verb == "DELE":
            self.deleted.add(int(rest))
            self.say(b"+OK")
        elif verb == "QUIT":
            self.expunge()
            self.say(b"+OK bye")
            return "bye"
        else:
            self.say(b"-ERR what?")
        return None
