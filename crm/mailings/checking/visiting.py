"""Opens a link as a careful visitor: head first, through the guard at each step, no body read, never for long."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from crm.mailings.checking.guard import Forbidden, Guard, NoSuchSite, NotNow, Place, Unfit

SECONDS = 5.0  # for one step of a link
MOST_STEPS = 6
AT_ONCE = 4
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})


@dataclass(frozen=True)
class Outcome:
    """What became of looking at a link (see MailingLinkCheck), and that in a sentence."""

    outcome: str
    found: str


class Visitor:
    """Looks at links. `context` holds the certificates to trust."""

    def __init__(
        self, guard: Guard, agent: str, *, seconds: float = SECONDS, context: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._agent = agent
        self._seconds = seconds
        self._late = Outcome("fails", f"It did not answer within {seconds:.0f} seconds.")
        self._context = context or ssl.create_default_context()

    def look_at_all(self, urls: Sequence[str]) -> list[Outcome]:
        """Look at these links, a few at once; return what became of each."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="links") as pool:
            return list(pool.map(self.look, urls))

    def look(self, url: str) -> Outcome:
        """Look at a link. Some sites know no HEAD, so what HEAD does not open in time is asked for by GET."""
        try:
            outcome = self._judged(url, "HEAD")
            enough = outcome.outcome == "answers" or outcome == self._late
            return outcome if enough else self._judged(url, "GET")
        except Forbidden as why:
            return Outcome("internal", str(why))
        except Unfit as why:
            return Outcome("refuses", f"{why} Open it yourself.")

    def _judged(self, url: str, method: str) -> Outcome:
        try:
            return _judge(self._follow(url, method))
        except NoSuchSite as none:
            return Outcome("dead", str(none))
        except NotNow as later:
            return Outcome("fails", str(later))
        except ssl.SSLCertVerificationError as bad:
            return Outcome("fails", f"Its certificate is not valid ({bad.verify_message}), so browsers warn of it.")
        except (OSError, http.client.HTTPException, ValueError) as trouble:
            return self._late if isinstance(trouble, TimeoutError) else Outcome("fails", "It did not answer.")

    def _follow(self, url: str, method: str) -> int:
        ends = time.monotonic() + 2 * self._seconds
        for _ in range(MOST_STEPS):
            left = min(self._seconds, ends - time.monotonic())
            if left <= 0:
                raise TimeoutError
            code, leads_to = self._ask(self._guard.place(url), method, left)
            if code not in REDIRECTS or not leads_to:
                return code
            url = urljoin(url, leads_to)
        raise http.client.HTTPException("it leads in circles")

    def _ask(self, place: Place, method: str, seconds: float) -> tuple[int, str]:
        """Return the code, and where it leads on."""
        connection = _Connection(place, seconds, self._context)
        # Each answer of a slow site begins the time-out of a socket anew, so a clock of its own ends the step.
        clock = threading.Timer(seconds, connection.end)
        clock.daemon = True
        clock.start()
        try:
            headers = {"User-Agent": self._agent, "Accept": "*/*", "Connection": "close"}
            connection.request(method, place.target, headers=headers)
            answer = connection.getresponse()
            if connection.ended:  # What was cut off may look like the end of an answer.
                raise TimeoutError
            return answer.status, answer.getheader("Location") or ""
        except (OSError, http.client.HTTPException) as trouble:
            if connection.ended:
                raise TimeoutError from trouble
            raise
        finally:
            clock.cancel()
            connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that the guard let through, whatever the name means by now."""

    def __init__(self, place: Place, seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(place.host, place.port, timeout=seconds)
        self.default_port = 443 if place.scheme == "https" else 80
        self.ended = False
        self._place = place
        self._context = context
        self._seconds = seconds

    def connect(self) -> None:
        """Connect, and for https shake hands under the site's own name."""
        self.sock = self._reached()
        self.sock.settimeout(self._seconds)
        if self._place.scheme == "https":
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self._place.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _reached(self) -> socket.socket:
        """Return a socket to the first address that answers; none has more than its share of the time that is left."""
        ends, troubles = time.monotonic() + self._seconds, list[OSError]()
        for turn, address in enumerate(self._place.addresses):
            share = (ends - time.monotonic()) / (len(self._place.addresses) - turn)
            if share <= 0:
                break
            try:
                return socket.create_connection((address, self._place.port), share)
            except OSError as trouble:
                troubles.append(trouble)
        # Where some were slow and others closed, more time may open it.
        raise next((trouble for trouble in troubles if isinstance(trouble, TimeoutError)), troubles[0])

    def end(self) -> None:
        """Break off, from another thread."""
        self.ended = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _judge(code: int) -> Outcome:
    if code in GONE:
        return Outcome("dead", f"There is no such page any more, or never was ({code}).")
    if code >= 500:
        return Outcome("fails", f"The site has a fault ({code}).")
    if code >= 400:
        return Outcome("refuses", f"It refuses programs at least ({code}). Open it yourself.")
    return Outcome("answers", "It answers.")
