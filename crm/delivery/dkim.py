"""DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, without l=, with a d= that is aligned with the sender.

What all copies of a message share is made canonical once, when it is compiled; a copy costs its own headers and
values, two hashes, and the signature itself.
"""

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm.config import ConfigError
from crm.delivery import providers
from crm.delivery.addresses import BadAddress, ascii_domain

# RFC 6376 §5.4.1 and RFC 8058 §4. True: listed once more than present, so that no second one can be added; the first
# group of them is listed even where it is absent.
ALWAYS = ("from", "subject", "date", "to", "cc", "reply-to")
ONE_MORE = frozenset({*ALWAYS, "message-id", "mime-version", "content-type", "content-transfer-encoding"}) | {
    "list-unsubscribe",
    "list-unsubscribe-post",
}
SIGNED = (
    *("from", "reply-to", "subject", "date", "to", "cc", "message-id", "mime-version", "content-type"),
    *("content-transfer-encoding", "in-reply-to", "references", "list-id", "list-help", "list-unsubscribe"),
    *("list-unsubscribe-post", "list-post", "list-owner", "list-archive", "feedback-id", "auto-submitted"),
)
SPACES = re.compile(rb"[ \t]+")
SPACES_AT_END = re.compile(rb"[ \t]+\r\n")
FOLDED = re.compile(rb"[ \t\r\n]+")
FEWEST_BITS = 2048
COLUMNS = 72
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Key:
    """A private key, and the selector under which the DNS shows its public half."""

    private: PrivateKey
    selector: str

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    def sign(self, octets: bytes) -> bytes:
        """Return the signature, not yet in base64."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(octets, padding.PKCS1v15(), SHA256())
        return self.private.sign(hashlib.sha256(octets).digest())  # RFC 8463 §3


class Signer:
    """The keys of this installation, and the domain that they belong to where it is not the sender's own."""

    def __init__(self, keys: Sequence[Key], domain: str = "") -> None:
        self.keys = keys
        self.domain = ascii_domain(domain) if domain else ""

    def seal(self, head: Sequence[bytes | None], body: Sequence[bytes | None], sender_domain: str) -> "Seal":
        """Return what signs the copies of one message. None in head and body: a copy's own value stands there."""
        return Seal(self.keys, signing_domain(sender_domain, self.domain), head, body)


def signer(config: Mapping[str, Any]) -> Signer | None:
    """Return the signer, None where there is no key or the provider signs itself. Raises ConfigError."""
    found = keys(config)
    if not found or config["MAIL_PROVIDER"] in providers.REWRITING:
        return None
    try:
        return Signer(found, config["DKIM_DOMAIN"] or "")
    except BadAddress as wrong:
        raise ConfigError(f"DKIM_DOMAIN: {wrong}") from wrong


def keys(config: Mapping[str, Any]) -> list[Key]:
    """Return the keys of the settings; raises ConfigError."""
    found = []
    for name, kind in (("DKIM", rsa.RSAPrivateKey), ("DKIM_ED25519", ed25519.Ed25519PrivateKey)):
        if text := config[f"{name}_PRIVATE_KEY"]:
            found.append(Key(read(f"{name}_PRIVATE_KEY", text, kind), config[f"{name}_SELECTOR"]))
    return found


def signing_domain(sender_domain: str, domain: str) -> str:
    """Return d=: the setting's domain where it is the sender's, above it or below it (RFC 7489 §3.1.1)."""
    sender, wanted = f".{sender_domain}", f".{domain}"
    related = domain and "." in domain and (sender.endswith(wanted) or wanted.endswith(sender))
    return domain if related else sender_domain


class Seal:
    """Signs the copies of one message."""

    def __init__(
        self, keys: Sequence[Key], domain: str, head: Sequence[bytes | None], body: Sequence[bytes | None]
    ) -> None:
        self.shared = {name: line for part in head if part for name, line in canonical_headers(part)}
        self.own_head = [place for place, part in enumerate(head) if part is None]
        gaps = [place for place, part in enumerate(body) if part is None]
        first = gaps[0] if gaps else len(body)
        rest = [b"" if part is None else canonical_body(part) for part in body]
        before = b"".join(rest[:first])
        self.rest = rest[first:]
        self.own_rest = [(place - first, len(head) + place) for place in gaps]
        self.before = hashlib.sha256(before if gaps else _ended(before))
        self.keys = [(key, _opening(key, domain)) for key in keys]

    def sign(self, own: bytes, segments: Sequence[bytes]) -> bytes:
        """Return the copy's DKIM-Signature headers. own: its own headers; segments: of the head, then of the body."""
        fields = self.shared.copy()
        fields.update(canonical_headers(own))
        for place in self.own_head:
            fields.update(canonical_headers(segments[place]))
        present = tuple(name for name in SIGNED if name in fields)
        octets = b"".join([fields[name] for name in present])
        digest = self._body_hash(segments)
        now = int(time.time())
        return b"".join([_header(key, opening, now, digest, present, octets) for key, opening in self.keys])

    def _body_hash(self, segments: Sequence[bytes]) -> bytes:
        body = self.before
        if self.own_rest:
            rest = self.rest.copy()
            for place, segment in self.own_rest:
                rest[place] = canonical_body(segments[segment])
            body = body.copy()
            body.update(_ended(b"".join(rest)))
        return b64encode(body.digest())


def canonical_headers(octets: bytes) -> list[tuple[str, bytes]]:
    """Return name and relaxed form (RFC 6376 §3.4.2) of each header line; each must end in CRLF."""
    found = []
    for line in octets.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            name = name.strip().lower()
            found.append((name.decode("ascii"), name + b":" + FOLDED.sub(b" ", value).strip(b" ") + b"\r\n"))
    return found


def canonical_body(octets: bytes) -> bytes:
    """Return whole lines of a body in relaxed form (RFC 6376 §3.4.4), the dots that SMTP doubles single again."""
    if octets.startswith(b"."):
        octets = octets[1:]
    if b"\r\n." in octets:
        octets = octets.replace(b"\r\n..", b"\r\n.")
    if b"  " in octets or b"\t" in octets:
        octets = SPACES.sub(b" ", octets)
    return SPACES_AT_END.sub(b"\r\n", octets) if b" \r\n" in octets else octets


def _ended(body: bytes) -> bytes:
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _opening(key: Key, domain: str) -> bytes:
    return f"v=1; a={key.algorithm}; c=relaxed/relaxed;\r\n d={domain};\r\n s={key.selector};".encode("ascii")


@lru_cache(maxsize=64)
def _names(present: tuple[str, ...]) -> bytes:
    """Return h=, folded."""
    again = [name for name in SIGNED if name in ALWAYS or (name in ONE_MORE and name in present)]
    lines = [""]
    for name in [*present, *again]:
        if len(lines[-1]) + len(name) > COLUMNS:
            lines.append("")
        lines[-1] += f"{name}:"
    return b" h=" + "\r\n  ".join(lines).rstrip(":").encode("ascii")


def _header(key: Key, opening: bytes, now: int, digest: bytes, present: tuple[str, ...], octets: bytes) -> bytes:
    text = b"%s t=%d;\r\n bh=%s;\r\n%s;\r\n b=" % (opening, now, digest, _names(present))
    signature = b64encode(key.sign(octets + b"dkim-signature:" + FOLDED.sub(b" ", text)))
    lines = [signature[at : at + COLUMNS] for at in range(0, len(signature), COLUMNS)]
    return b"DKIM-Signature: " + text + b"\r\n  ".join(lines) + b"\r\n"


def read(name: str, text: str, kind: type[PrivateKey]) -> PrivateKey:
    """Return the key of the setting of that name; raises ConfigError."""
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), None)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{name}: this is no private key in PEM without a password. Make one: crm dkim keygen"
        ) from error
    if not isinstance(key, kind):
        raise ConfigError(f"{name}: this is another kind of key. Make one: crm dkim keygen")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < FEWEST_BITS:
        raise ConfigError(f"{name}: the key has {key.key_size} bits; receivers want {FEWEST_BITS}.")
    return key
