"""Every form: each kind of form that one can type into, once, and what it answers to vectors."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html as lxml_html

from bench.vector_fields import AT_ONCE, Vectors
from bench.vector_pages import Page, Reader

FIELD = "what is typed into a form"
NOT_SENT = {"submit", "button", "image", "reset", "file"}
LEAVES = ("/log-out", "/logout")


@dataclass(frozen=True)
class Entry:
    """One field of a form: its value where it is not typed, None where a browser would not send it."""

    name: str
    value: str | None
    typed: bool


@dataclass(frozen=True)
class Form:
    """A form as it stood on a page."""

    who: str
    address: str
    post: bool
    entries: tuple[Entry, ...]

    def filled(self, text: str, everything: bool) -> list[tuple[str, str]]:
        """Return what is sent with the text in all that one types, or in everything."""
        values = [(one.name, text if one.typed or everything else one.value) for one in self.entries]
        return [(name, value) for name, value in values if value is not None]


@dataclass
class Forms:
    """The forms that pages have, one of each kind, and what became of what was sent."""

    reader: Reader
    kinds: dict[tuple[Any, ...], Form] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    logged_out: int = 0

    def collect(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Keep the forms of pages of which none was seen before: alike are those with the same view and fields."""
        for page in pages:
            if page.kind == "text/html" and page.status < 400 and page.body.strip():
                for element in lxml_html.document_fromstring(page.body).forms:
                    self._keep(page, element)
            yield page

    def _keep(self, page: Page, element: Any) -> None:
        entries = tuple(_entries(element))
        address = urljoin(page.address, element.get("action") or "")
        post = (element.get("method") or "get").lower() == "post"
        if any(one.typed for one in entries) and address.startswith("/") and not address.startswith("//"):
            view = self.reader.endpoint(urlsplit(address).path, "POST" if post else "GET")
            kind = (page.who, view, post, frozenset((one.name, one.typed) for one in entries))
            if not address.split("?")[0].endswith(LEAVES):
                self.kinds.setdefault(kind, Form(page.who, address, post, entries))

    def send(self, vectors: Vectors, turn: int) -> Iterator[Page]:
        """Send each form with the vectors of this turn in what one types; then those that take POST, in everything."""
        for everything in (False, True):
            for number, form in enumerate(self.kinds.values()):
                text = vectors.text(FIELD, turn + number, AT_ONCE, bool((turn + number) % 2))
                if form.post or not everything:
                    yield self._sent(form, form.filled(text, everything))

    def _sent(self, form: Form, values: list[tuple[str, str]]) -> Page:
        address = form.address if form.post else f"{form.address.partition('?')[0]}?{urlencode(values)}"
        begun = time.monotonic()
        with patch("time.sleep"):  # What hides from clocks whether somebody is known takes seconds.
            page = self.reader.open(form.who, address, values if form.post else None)
        self.slowest = max(self.slowest, (round(time.monotonic() - begun, 2), form.address[:80]))
        self.statuses[page.status] += 1
        if page.status in (302, 303) and urlsplit(page.body).path == "/login" and form.who == "admin":
            self.logged_out += 1
            self.reader.log_in()
        return page


def _entries(element: Any) -> Iterator[Entry]:
    for one in element.inputs:
        kind = (one.get("type") or "text").lower()
        if not one.get("name") or (kind in NOT_SENT and one.tag != "textarea"):
            continue
        box = kind in ("checkbox", "radio") and one.tag == "input"
        if one.tag == "textarea" or (one.tag == "input" and not box and kind != "hidden"):
            yield Entry(one.get("name"), "", typed=True)
        elif box:
            yield Entry(one.get("name"), one.get("value") or "on" if one.get("checked") is not None else None, False)
        elif one.tag == "select" and one.multiple:
            yield Entry(one.get("name"), next(iter(one.value), None), typed=False)
        else:
            yield Entry(one.get("name"), one.value or "", typed=False)
