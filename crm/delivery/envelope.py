"""The envelope sender: with BOUNCE_DOMAIN, an address of its own for each delivery (VERP), so a bounce names it."""

import hashlib
import hmac
import re

from crm.base import signing

PURPOSE = "bounce"
BOUNCE = re.compile(r"b\+([0-9a-z]{1,13})\.([0-9a-f]{32})\.([0-9a-f]{16})")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def bounce_local_part(delivery_id: int, uuid: str, key: bytes) -> str:
    """Return the part before the @: at most 64 octets, lower case, signed."""
    name = f"{_base36(delivery_id)}.{uuid}"
    return f"b+{name}.{_mac(key, name)}"


def read_bounce_address(address: str) -> tuple[int, str] | None:
    """Return the delivery's id and uuid that a bounce came back to, or None if the address is not ours."""
    match = BOUNCE.fullmatch(address.partition("@")[0].lower())
    if match is None:
        return None
    number, uuid, mac = match.groups()
    if not hmac.compare_digest(mac, _mac(signing.key(PURPOSE), f"{number}.{uuid}")):
        return None
    return int(number, 36), uuid


def _mac(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode("ascii"), hashlib.sha256)[:8].hex()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"
