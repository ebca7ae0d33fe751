"""Making DKIM keys, and the DNS record of a key (RFC 6376 §3.6.1, RFC 8463 §4)."""

import os
import re
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from crm.delivery.dkim import Key, PrivateKey

BITS = 2048
LONGEST_STRING = 255
SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)


def make(path: Path, *, is_ed25519: bool = False) -> PrivateKey:
    """Write a new key where no file stands yet, readable by the owner alone. Raises OSError (FileExistsError too)."""
    key: PrivateKey = ed25519.Ed25519PrivateKey.generate() if is_ed25519 else rsa.generate_private_key(65537, BITS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def record(key: Key) -> str:
    """Return the text of the DNS record that lets others verify the key."""
    public = key.private.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(octets).decode()}"
    return f"v=DKIM1; k=ed25519; p={b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()}"


def record_line(key: Key, domain: str) -> str:
    """Return the record as a zone file has it: strings of at most 255 characters."""
    text = record(key)
    strings = [f'"{text[at : at + LONGEST_STRING]}"' for at in range(0, len(text), LONGEST_STRING)]
    return f"{key.selector}._domainkey.{domain}. IN TXT ( {' '.join(strings)} )"
