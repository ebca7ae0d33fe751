"""Pages that look the same to every stranger are kept for some seconds, so that a wave of visitors costs little.

A page is kept for each language and theme, and only as it looks to who brings no other cookie and no query: never for
staff, nor for who came by a link that is to be credited. What is older than the setting allows is never served; from
half of that age on, one visitor renews it while the others still get the old one. The stamp of a form is no part of
what is kept: each visitor gets one made in that moment, so a form is as old as its page looks, and sent once.
These pages go out compressed. Others do not: they may hold a secret beside typed text, which their length would tell
(BREACH).
"""

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from crm.base.locales import COOKIE, LANGUAGES, accepted
from crm.base.static_files import takes_gzip
from crm.contacts import spam
from crm.site import errors

PATHS = frozenset({"/", "/goal"})
THEME = "theme"
QUICK = 1  # How well a page is compressed: it takes two thirds of the time of the best, for a tenth more bytes.
LONGEST = 10  # seconds that a page may be old, whatever the setting says
STAMP = re.compile(rb'(?<=name="stamp" value=")[^"]+(?=")')

Key = tuple[str, str, str]


@dataclass
class Kept:
    """A page as it was rendered at `at`: `parts` lie around the stamps, which are for these wordings."""

    status: str
    headers: list[tuple[str, str]]
    parts: list[bytes]
    wordings: list[int]
    at: float
    renewing: threading.Lock = field(default_factory=threading.Lock)


class KeptPages:
    """Serves what is kept, and asks the application for the rest."""

    def __init__(self, app: Flask, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.inner, self.clock = app, app.wsgi_app, clock
        self.seconds = min(seconds, LONGEST)
        self.kept: dict[Key, Kept] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        key = key_of(environ)
        if key is None:
            return self.inner(environ, start_response)
        page = self.kept.get(key)
        age = self.clock() - page.at if page else self.seconds
        if page is None or age >= self.seconds:
            return self._ask(key, environ, start_response)
        if age >= self.seconds / 2 and page.renewing.acquire(blocking=False):
            try:
                return self._ask(key, environ, start_response)
            finally:
                page.renewing.release()
        return self._serve(page, environ, start_response)

    def _ask(self, key: Key, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = self.clock()  # What it shows is at least as new as this.
        told: list[Any] = []
        answer = self.inner(environ, lambda *values: told.append(values[:2]) or bytearray().extend)  # type: ignore
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        status, headers = told[-1]
        if status.startswith("200") and not any(name == "Set-Cookie" for name, _ in headers):
            self._keep(key, status, headers, body, began)
            return _sent(status, headers, body, environ, start_response)
        start_response(status, headers)
        return [body]

    def _keep(self, key: Key, status: str, headers: list[tuple[str, str]], body: bytes, began: float) -> None:
        with self.app.app_context():
            try:
                wordings = [spam.read(stamp.decode()).wording_id for stamp in STAMP.findall(body)]
            except spam.Stale:
                return
        others = [(name, value) for name, value in headers if name != errors.NUMBER]
        self.kept[key] = Kept(status, others, STAMP.split(body), wordings, began)

    def _serve(self, page: Kept, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = page.parts[0]
        if page.wordings:
            with self.app.app_context():
                stamps = [spam.stamp(number).encode() for number in page.wordings]
            body += b"".join(stamp + part for stamp, part in zip(stamps, page.parts[1:], strict=True))
        own = (errors.NUMBER, errors.number(environ.get("HTTP_X_REQUEST_ID", "")))
        return _sent(page.status, [*page.headers, own], body, environ, start_response)


def key_of(environ: dict[str, Any]) -> Key | None:
    """Return under what the page may be kept; None where it has to be asked for."""
    path = environ.get("PATH_INFO", "")
    if path not in PATHS or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
        return None
    cookies = parse_cookie(environ)
    if any(name not in (COOKIE, THEME) for name in cookies):
        return None
    chosen = cookies.get(COOKIE, "")
    language = chosen if chosen in LANGUAGES else _accepted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    theme = cookies.get(THEME, "")
    return path, language, theme if theme in ("light", "dark") else ""


def _sent(
    status: str,
    headers: list[tuple[str, str]],
    body: bytes,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
) -> Iterable[bytes]:
    others = [(name, value) for name, value in headers if name != "Content-Length"]
    others.append(("Vary", "Accept-Encoding"))
    if takes_gzip(environ):
        body = gzip.compress(body, QUICK, mtime=0)
        others.append(("Content-Encoding", "gzip"))
    start_response(status, [*others, ("Content-Length", str(len(body)))])
    return [body]


@lru_cache(maxsize=1000)
def _accepted(header: str) -> str:
    return accepted(parse_accept_header(header, LanguageAccept))
