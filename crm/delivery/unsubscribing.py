"""The address to unsubscribe at by mail: signed for one contact and one list, and good for as long as the key is.

No row stands behind it, so that it outlives the delivery that it came with.
"""

import hashlib
import hmac
import re
from functools import lru_cache
from typing import NamedTuple

from crm.delivery.envelope import base36

PURPOSE = "unsubscribe_by_mail"
TAG_BYTES, MAC_BYTES = 6, 16
# Whatever domain stands behind it: the signature suffices, and the domain may have been another then.
ADDRESS = re.compile(r"(?<![0-9a-z.+-])u\+([0-9a-z]{1,13}\.[0-9a-f]{12}\.[0-9a-f]{32})@", re.IGNORECASE)


class Request(NamedTuple):
    """Whom to unsubscribe, and from what: the tag of a list."""

    contact_id: int
    tag: str


def local_part(contact_id: int, list_id: str, key: bytes) -> str:
    """Return the part before the @: at most 61 octets (64 may stand there), lower case, signed."""
    name = f"{base36(contact_id)}.{tag_of(list_id)}"
    return f"u+{name}.{_mac(key, name)}"


@lru_cache(maxsize=256)
def tag_of(list_id: str) -> str:
    """Return what stands for a list, whose own name may be longer than an address; 12 hexadecimal digits."""
    return hashlib.sha256(list_id.encode()).digest()[:TAG_BYTES].hex()


def read(signed: str, key: bytes) -> Request | None:
    """Return what stands behind the u+ of a local part; None where the signature is not ours."""
    name, _, mac = signed.lower().rpartition(".")
    number, _, tag = name.partition(".")
    if not signed.isascii() or not hmac.compare_digest(mac, _mac(key, name)):
        return None
    return Request(int(number, 36), tag)


def _mac(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode("ascii"), hashlib.sha256)[:MAC_BYTES].hex()
