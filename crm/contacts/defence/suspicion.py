"""When a form of visitors is suspicious: by what came from its network of late, and by a rush over all of them.

Never by the address that it names, so that known and unknown addresses are answered alike. All counters are rows, which
hold across processes and restarts; none of them holds an address that could be read.
"""

import hashlib
import hmac
import zlib
from datetime import datetime, timedelta

from flask import current_app

from crm.base import limits, signing

CLEAR, SUSPICIOUS, FULL = "clear", "suspicious", "full"
HOUR, DAY, RUSH = timedelta(hours=1), timedelta(days=1), timedelta(minutes=5)
MOST_FORMS, CHECKED_FROM = 10, 8  # Of a network, in whatever hour; from the eighth on each is checked.
MOST_ADDRESSES = 20  # Different ones, a day.
MOST_DOUBTS = 3  # Filled traps, stamps that are forged or too young, an hour.
# One row for all networks would let every sign-up wait for the one before; each network has its place in one of these.
GROUPS = 16


def note_arrival(network: str) -> str:
    """Count a form that comes from there; returns CLEAR, SUSPICIOUS (it has to pass a check) or FULL (it is too soon).

    A form that is not kept does not count: whoever refuses it rolls that back.
    """
    addresses, doubts, rush = _addresses(network), _doubts(network), _rush(network)
    seen = limits.roll(_forms(network), HOUR, {addresses: DAY, doubts: HOUR, rush: RUSH})
    if seen.tries > MOST_FORMS:
        return FULL
    most = int(current_app.config["FORMS_RUSH"])
    suspicious = (
        seen.tries >= CHECKED_FROM
        or seen.beside[addresses] >= MOST_ADDRESSES
        or seen.beside[doubts] >= MOST_DOUBTS
        or 0 < most <= seen.beside[rush] * GROUPS
    )
    return SUSPICIOUS if suspicious else CLEAR


def full_until(network: str) -> datetime:
    """Return when one more form may come from a network that is FULL, in UTC."""
    return limits.rolls_on(_forms(network), HOUR)


def note_doubt(network: str) -> None:
    """Count a form that no person would have sent like that."""
    limits.count(_doubts(network), HOUR)


def note_form(network: str, address: str) -> None:
    """Count a form that was taken; the last thing before the commit, since many networks share the row of a rush."""
    mac = hmac.digest(signing.key("form_address"), f"{network} {address}".encode(), hashlib.sha256)
    limits.count_different(f"form-address:{mac.hex()}", _addresses(network), DAY, _rush(network), RUSH)


def _forms(network: str) -> str:
    return f"sign-up:{network}"


def _addresses(network: str) -> str:
    return f"form-addresses:{network}"


def _doubts(network: str) -> str:
    return f"form-doubts:{network}"


def _rush(network: str) -> str:
    return f"form-rush:{zlib.crc32(network.encode()) % GROUPS}"
