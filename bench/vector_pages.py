"""Every page that there is: found by following links as an admin and as a visitor, and by what mails link to."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from bench import vector_ways
from bench.vector_fields import NUMBER
from crm.accounts import sessions
from crm.accounts.models import User
from crm.extensions import db

LINK = re.compile(rb'(?:href|src|action|hx-get|data-src)="([^"]*)"')
FEW = 3  # more pages that list in some way are looked into
MADE = {"site_staff.log_out", "accounts_public.log_out"}
HTML = {"text/html", "application/xhtml+xml", "image/svg+xml"}


@dataclass
class Page:
    """One answer."""

    who: str
    address: str
    status: int
    kind: str
    body: str


@dataclass
class Reader:
    """Two browsers without scripts, and the addresses that they have found."""

    app: Flask
    each: int = (
        2  # pages of one kind, by route and names of arguments, that are read; one of those that say how to list
    )
    looked_into: int = 12  # and how many more of them are looked into, for links to views that no other page has
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    found: dict[tuple[str, str], None] = field(default_factory=dict)
    spare: dict[tuple[str, str], None] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)
    tried: set[tuple[str, str]] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Frames must not be refused nor forms be stopped: what is measured is the text.
        self.app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        self.clients = {"visitor": self.app.test_client(), "admin": self.app.test_client()}
        self.log_in()

    def log_in(self) -> None:
        """Begin a session of an admin."""
        user = db.session.scalars(select(User).where(User.role == "admin", User.active)).first()
        assert user is not None
        values = sessions.opened(user)
        db.session.commit()
        with self.clients["admin"].session_transaction() as session:
            session.update(values, _user_id=user.get_id(), _fresh=True)

    def find(self) -> Iterator[Page]:
        """Follow the links from the first pages, and yield what is found; adds what no link leads to."""
        waiting, more = deque(vector_ways.every(self.app)), deque[tuple[str, str]]()
        while waiting or more:
            who, address = waiting.popleft() if waiting else more.popleft()
            kind = self._kind(who, address)
            if kind is None or (who, address) in self.tried:
                continue
            number = self.seen.get(kind, 0)
            each = self._each(who, address)
            if waiting and number >= each:
                more.append((who, address))
                continue
            if number >= each + (FEW if "?" in address else self.looked_into):
                continue
            self.tried.add((who, address))
            answer = self.open(who, address)
            if answer.status in (301, 302, 303):
                waiting.extend([(who, answer.body)] if answer.body.startswith("/") else [])
                continue
            if answer.status < 400 or address == "/nowhere":
                self.seen[kind] = number + 1
                kept = self.found if number < each else self.spare
                kept[(who, address)] = None
            yield answer
            waiting.extend(_links(answer))

    def _each(self, who: str, address: str) -> int:
        return 1 if "?" in address or (who == "admin" and not address.startswith("/staff")) else self.each

    def _kind(self, who: str, address: str) -> tuple[str, str, str] | None:
        """Return by what pages are alike; None for what is not read."""
        parts = urlsplit(address)
        endpoint = self.endpoint(parts.path)
        if endpoint in MADE or endpoint.startswith("static") or (endpoint == "nowhere" and address != "/nowhere"):
            return None
        return who, endpoint, " ".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))

    def endpoint(self, path: str, method: str = "GET") -> str:
        """Return the name of the view that answers at a path."""
        try:
            return str(self.app.url_map.bind("localhost").match(path, method=method)[0])
        except RequestRedirect:
            return "redirect"
        except HTTPException:
            return "nowhere"

    def open(self, who: str, address: str, data: Any = None) -> Page:
        """Return the answer; of a redirect, its body is where it leads."""
        client = self.clients[who]
        db.session.rollback()  # What was looked up here must not lock the database of the request.
        with self.app.app_context():
            if data is None:
                answer = client.get(address, buffered=True)
            else:
                answer = client.post(address, data=MultiDict(data), buffered=True)
        if answer.status_code < 400:
            self.reached.add(self.endpoint(urlsplit(address).path) or "")
        body = (
            answer.location or ""
            if answer.status_code in (301, 302, 303)
            else answer.get_data().decode(errors="replace")
        )
        return Page(who, address, answer.status_code, answer.mimetype or "", body)

    def widen(self) -> None:
        """Read from now on also those pages of a kind that show a field which none of the others shows."""
        seen = {field for page in self.read(0) for _, field in NUMBER.findall(page.body)}
        for who, address in self.spare:
            fields = {field for _, field in NUMBER.findall(self.open(who, address).body)}
            if not fields <= seen:
                self.found[(who, address)] = None
                seen |= fields

    def read(self, turn: int) -> Iterator[Page]:
        """Yield every page; visitors read another language each turn."""
        for who, address in self.found:
            more = f"{'&' if '?' in address else '?'}lang={('en', 'es', 'ar')[turn % 3]}"
            yield self.open(who, address + more if who == "visitor" else address)

    def unread(self) -> list[str]:
        """Return the views that answer GET, and of which no page was read without a reason."""
        views = {rule.endpoint for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        return sorted(views - self.reached - set(vector_ways.NOT_READ) - {"static"})


def _links(answer: Page) -> Iterator[tuple[str, str]]:
    """Yield who would open which links of a page."""
    for link in LINK.findall(answer.body.encode()):
        target = urljoin(answer.address, link.decode(errors="replace").replace("&amp;", "&")).partition("#")[0]
        if target.startswith("/") and not target.startswith(("//", "/static/")):
            if answer.who == "admin":
                yield "admin", target
            if not target.startswith("/staff"):
                yield "visitor", target
