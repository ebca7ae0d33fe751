"""Verifies DKIM signatures by dkimpy, which shares no code with ours, against a zone that a test writes."""

import types
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path

import dkim as dkimpy
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crm.delivery import dkim_keys
from crm.delivery.dkim import Key


class BadSignatureError(Exception):
    """Named as in PyNaCl."""


class VerifyKey:
    """What dkimpy asks of PyNaCl, by the library that we have anyway."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self.key = Ed25519PublicKey.from_public_bytes(b64decode(text))

    def verify(self, octets: bytes, signature: bytes) -> None:
        try:
            self.key.verify(signature, octets)
        except InvalidSignature as error:
            raise BadSignatureError from error


if not hasattr(dkimpy, "nacl"):
    dkimpy.nacl = types.SimpleNamespace(
        signing=types.SimpleNamespace(VerifyKey=VerifyKey),
        encoding=types.SimpleNamespace(Base64Encoder=None),
        exceptions=types.SimpleNamespace(BadSignatureError=BadSignatureError, ValueError=ValueError),
    )


def make_keys(folder: Path, *, both: bool = True) -> list[Key]:
    keys = [Key(dkim_keys.make(folder / "rsa.pem"), "one")]
    return keys + [Key(dkim_keys.make(folder / "ed.pem", is_ed25519=True), "two")] * both


def zone_of(keys: Iterable[Key], domain: str) -> dict[bytes, bytes]:
    return {f"{key.selector}._domainkey.{domain}.".encode(): dkim_keys.record(key).encode() for key in keys}


def verified(raw: bytes, zone: dict[bytes, bytes]) -> list[bool]:
    """Return for each signature of the mail, in order, whether it holds."""
    mail = dkimpy.DKIM(raw)
    count = raw.partition(b"\r\n\r\n")[0].lower().count(b"dkim-signature:")
    found = []
    for number in range(count):
        try:
            found.append(bool(mail.verify(number, dnsfunc=lambda name, timeout=5: zone.get(name))))
        except dkimpy.DKIMException:
            found.append(False)
    return found
