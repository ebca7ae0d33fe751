"""Signed links: a subject, bound to one purpose, that nobody else can make or change."""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from functools import lru_cache

from flask import current_app

from crm.base import clock

MAC_BYTES = 16


class InvalidToken(Exception):
    """The token was not made here, was changed, or was made for another purpose."""


class ExpiredToken(InvalidToken):
    """The token is ours but too old; `subject` tells for whom it was made."""

    def __init__(self, subject: str) -> None:
        super().__init__("expired")
        self.subject = subject


def sign(purpose: str, subject: str, *, dated: bool = False) -> str:
    """Return a URL-safe token; a dated one can be refused by age when it is read."""
    payload = (with_date(subject) if dated else subject).encode()
    return f"{_encode(payload)}.{_encode(_mac(key(purpose), payload))}"


def with_date(subject: str) -> str:
    """Return what a dated token holds of a subject: it, and the second in which the token is made."""
    return f"{subject}@{int(clock.now().timestamp())}"


def read(purpose: str, token: str, *, max_age: timedelta | None = None) -> str:
    """Return the subject; raises InvalidToken, or ExpiredToken where it is older than max_age.

    Without max_age the text of a dated token is returned whole, with its date.
    """
    if max_age is not None:
        subject, age = read_dated(purpose, token)
        if age > max_age.total_seconds():
            raise ExpiredToken(subject)
        return subject
    try:
        body, mac = token.split(".")
        payload, given = _decode(body), _decode(mac)
        text = payload.decode()
    except (ValueError, binascii.Error) as error:
        raise InvalidToken("malformed") from error
    if not hmac.compare_digest(given, _mac(key(purpose), payload)) or _canonical(body, mac) != token:
        raise InvalidToken("wrong signature")
    return text


def read_dated(purpose: str, token: str) -> tuple[str, float]:
    """Return the subject of a dated token, however old, and its age in seconds; raises InvalidToken."""
    subject, _, at = read(purpose, token).rpartition("@")
    if not subject or not at.isdigit():
        raise InvalidToken("undated")
    return subject, clock.now().timestamp() - int(at)


def key(purpose: str) -> bytes:
    """Return the 32-byte key of a purpose, derived from SECRET_KEY."""
    return _derived(current_app.config["SECRET_KEY"], purpose)


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"groundswell:" + purpose.encode(), hashlib.sha256)


def _canonical(body: str, mac: str) -> str:
    # base64 has several spellings of the same bytes; only one is a token.
    return f"{_encode(_decode(body))}.{_encode(_decode(mac))}"


def _mac(mac_key: bytes, payload: bytes) -> bytes:
    return hmac.digest(mac_key, payload, hashlib.sha256)[:MAC_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
