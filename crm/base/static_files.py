"""Styles, scripts and fonts: text goes out compressed, and what has a version in its address is kept for good.

Pages are not compressed here: one that carries a secret beside typed text would tell the secret by its length (BREACH).
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.responders import Response, StaticFile

TEXT = (".css", ".js", ".svg")
PREFIX = "/static"
VERSION_LENGTH = 12
OTHER_VERSION = re.compile(rf"^{PREFIX}/[0-9a-f]{{{VERSION_LENGTH}}}(?=/)")


class StaticFiles(WhiteNoise):
    """WhiteNoise, with versions and with text compressed when it is first asked for."""

    def __init__(self, application: Callable[..., Any], root: str, address: str, *, autorefresh: bool) -> None:
        """`address`: what `address_of` says, under which files are kept for good."""
        self.address = address
        super().__init__(
            application, root, PREFIX, autorefresh=autorefresh, add_headers_function=_say_that_encodings_vary
        )
        if address != PREFIX:
            self.add_files(root, address)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (PEP 3333); an address of another version gets what stands there now, for a minute."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{self.address}/"):
            environ["PATH_INFO"] = OTHER_VERSION.sub(PREFIX, path)
        return super().__call__(environ, start_response)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Say whether what stands at the address will always be the same."""
        return self.address != PREFIX and url.startswith(f"{self.address}/")

    def get_static_file(self, path: str, url: str, stat_cache: Mapping[str, Any] | None = None) -> Any:
        """Return what answers for a file (WhiteNoise calls it)."""
        found = super().get_static_file(path, url, stat_cache=stat_cache)
        return Text(found, Path(path)) if path.endswith(TEXT) else found


@dataclass(frozen=True)
class Text:
    """A file of text, which goes out compressed where the browser takes that."""

    file: StaticFile
    path: Path

    def get_response(self, method: str, environ: Mapping[str, Any]) -> Response:
        """Return the answer to a request."""
        answer = self.file.get_response(method, environ)
        if answer.status != HTTPStatus.OK or not takes_gzip(environ):
            return answer
        if answer.file:
            answer.file.close()
        body = _compressed(self.path, self.path.stat().st_mtime_ns)
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
        headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
        return Response(answer.status, headers, BytesIO(body) if answer.file else None)


def address_of(root: Path, *, changing: bool) -> str:
    """Return the address of the folder, which changes with what is in it; a plain one where files are worked on."""
    return PREFIX if changing else f"{PREFIX}/{_version(root)}"


@lru_cache
def _version(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:VERSION_LENGTH]


def _say_that_encodings_vary(headers: Headers, path: str, _url: str) -> None:
    if path.endswith(TEXT):
        headers["Vary"] = "Accept-Encoding"


def takes_gzip(environ: Mapping[str, Any]) -> bool:
    """Tell whether the browser takes what is compressed so."""
    return bool(re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", environ.get("HTTP_ACCEPT_ENCODING", "")))


@lru_cache(maxsize=100)
def _compressed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
