"""Every page that there is: found by following links as an admin and as a visitor, by signed links, and by forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html as lxml_html
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, RequestRedirect

from crm.accounts import sessions
from crm.accounts.models import User
from crm.actions.addresses import WITHDRAW
from crm.actions.models import Signature
from crm.base import signing
from crm.contacts import links
from crm.contacts.models import Contact, SignUp
from crm.events.links import own_path
from crm.events.models import Attendance
from crm.extensions import db
from crm.mailings.models import Mailing

LINK = re.compile(rb'(?:href|src|action|hx-get|data-src)="([^"]*)"')
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
    each: int = 2  # pages of one kind: by route and names of arguments
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    found: dict[tuple[str, str], None] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Frames must not be refused nor forms be stopped: what is measured is the text.
        self.app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        self.clients = {"visitor": self.app.test_client(), "admin": self.app.test_client()}
        user = db.session.scalars(select(User).where(User.role == "admin")).first()
        assert user is not None
        values = sessions.opened(user)
        db.session.commit()
        with self.clients["admin"].session_transaction() as session:
            session.update(values, _user_id=user.get_id(), _fresh=True)

    def find(self) -> Iterator[Page]:
        """Follow the links from the first pages, and yield what is found; adds what no link leads to."""
        waiting = [("admin", "/staff/"), ("visitor", "/"), *(("visitor", one) for one in signed())]
        waiting += [("visitor", "/nowhere"), *self._guesses()]
        while waiting:
            who, address = waiting.pop(0)
            if not self._wanted(who, address):
                continue
            answer = self.open(who, address)
            if answer.status in (301, 302, 303):
                waiting.append((who, answer.body))
                continue
            if answer.status < 400 or address == "/nowhere":
                self.found[(who, address)] = None
            yield answer
            for link in LINK.findall(answer.body.encode()):
                target = urljoin(address, link.decode(errors="replace").replace("&amp;", "&"))
                if target.startswith("/") and not target.startswith(("//", "/static/")):
                    waiting.append((who if target.startswith("/staff") else "visitor", target.partition("#")[0]))
                    waiting += [("admin", target.partition("#")[0])] if who == "admin" else []

    def _wanted(self, who: str, address: str) -> bool:
        parts = urlsplit(address)
        endpoint = self.endpoint(parts.path)
        if endpoint is None or endpoint in MADE or endpoint.startswith("static"):
            return False
        kind = (who, endpoint, " ".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})))
        if (who, address) in self.found or self.seen.get(kind, 0) >= self.each:
            return False
        self.seen[kind] = self.seen.get(kind, 0) + 1
        return True

    def endpoint(self, path: str) -> str | None:
        """Return the name of the view that answers GET at a path."""
        try:
            return str(self.app.url_map.bind("localhost").match(path, method="GET")[0])
        except RequestRedirect:
            return "redirect"
        except HTTPException:
            return "nowhere"

    def _guesses(self) -> Iterator[tuple[str, str]]:
        """Yield addresses of each route with small numbers, for what no link leads to."""
        adapter = self.app.url_map.bind("localhost")
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and all(
                isinstance(rule._converters[name], IntegerConverter) for name in rule.arguments
            ):
                for number in (1, 2):
                    address = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, number), "GET")
                    yield ("admin" if address.startswith("/staff") else "visitor"), address

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

    def read(self, turn: int) -> Iterator[Page]:
        """Yield every page; visitors read another language each turn."""
        for who, address in self.found:
            more = f"{'&' if '?' in address else '?'}lang={('en', 'es', 'ar')[turn % 3]}"
            yield self.open(who, address + more if who == "visitor" else address)

    def unread(self) -> list[str]:
        """Return the views that answer GET, and of which no page was read."""
        views = {rule.endpoint for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        return sorted(views - self.reached - {"static"})

    def post(self, page: Page, text: str) -> Iterator[Page]:
        """Send each form of a page twice: with the text in what one types, and with the text in everything."""
        if page.kind != "text/html" or not page.body.strip():
            return
        tree = lxml_html.document_fromstring(page.body)
        for form in tree.forms:
            for everything in (False, True):
                values = _filled(form, text, everything)
                address = urljoin(page.address, form.get("action") or "")
                if values is None or not address.startswith("/") or "log-out" in address or "logout" in address:
                    continue
                if (form.get("method") or "get").lower() == "post":
                    yield self.open(page.who, address, values)
                elif not everything:
                    yield self.open(page.who, f"{address.partition('?')[0]}?{urlencode(values)}")


def _filled(form: Any, text: str, everything: bool) -> list[tuple[str, str]] | None:
    """Return what is sent; None where nothing can be typed."""
    values, typed = [], False
    for element in form.inputs:
        kind = (element.get("type") or "text").lower()
        if not element.get("name") or kind in ("submit", "button", "image", "reset", "file"):
            continue
        free = element.tag == "textarea" or (element.tag == "input" and kind not in ("hidden", "checkbox", "radio"))
        typed = typed or free
        if free or everything:
            values.append((element.get("name"), text))
        elif kind not in ("checkbox", "radio") or element.get("checked") is not None:
            said = element.value if element.tag != "select" or not element.multiple else next(iter(element.value), "")
            values.append((element.get("name"), said if isinstance(said, str) else element.get("value") or ""))
    return values if typed else None


def signed() -> Iterator[str]:
    """Yield the addresses that only signed links lead to."""
    contact = db.session.scalars(select(Contact).where(Contact.confirmed_at.is_not(None))).first()
    assert contact is not None
    yield _path(links.preferences(contact.id))
    yield f"/unsubscribe/{signing.sign('unsubscribe', f'{contact.id}:action-alerts')}"
    yield f"/stay/{signing.sign('stay', str(contact.id))}"
    for sign_up in db.session.scalars(select(SignUp).limit(3)):
        confirming = _path(links.confirm(sign_up.id, sign_up.contact.email or ""))
        yield from (confirming, f"{confirming}/thanks")
    for attendance in db.session.scalars(select(Attendance).limit(3)):
        yield own_path(attendance)
        yield f"{own_path(attendance)}.ics"
    for mailing in db.session.scalars(select(Mailing)):
        yield f"/view/{signing.sign('view', str(mailing.id))}"
        yield f"/view/{signing.sign('view', str(mailing.id))}/mail"
    for signature in db.session.scalars(select(Signature).limit(1)):
        yield f"/actions/withdraw/{signing.sign(WITHDRAW, f'signature:{signature.id}')}"


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
