"""The envelope sender: with BOUNCE_DOMAIN, an address of its own for each delivery (VERP), so a bounce names it."""

import hashlib
import hmac

PURPOSE = "bounce"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def bounce_local_part(delivery_id: int, uuid: str, key: bytes) -> str:
    """Return the part before the @: at most 64 octets, lower case, signed."""
    name = f"{base36(delivery_id)}.{uuid}"
    return f"b+{name}.{_mac(key, name)}"


def _mac(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode("ascii"), hashlib.sha256)[:8].hex()


def base36(number: int) -> str:
    """Return a number in digits and small letters."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def read_local_part(local_part: str, key: bytes) -> tuple[int, str] | None:
    """Return the id and uuid of the delivery that it names; None where the signature is not ours."""
    name, _, mac = local_part.lower().removeprefix("b+").rpartition(".")
    number, _, uuid = name.partition(".")
    if not name.isascii() or not mac.isascii() or not hmac.compare_digest(mac, _mac(key, name)):
        return None
    return int(number, 36), uuid
