"""When a form of visitors is suspicious: by what came from its network of late, and by a rush over all of them.

Never by the address that it names, so that known and unknown addresses are answered alike. All counters are rows, which
hold across processes and restarts; none of them holds an address that could be read.
"""

import hashlib
import hmac
import zlib
from datetime import timedelta

from flask import current_app

from crm.base import limits, signing
from crm.contacts import joining

HOUR, DAY, RUSH = timedelta(hours=1), timedelta(days=1), timedelta(minutes=5)
MOST_FORMS = 7  # An hour, of the ten that a network may send.
MOST_ADDRESSES = 20  # Different ones, a day.
MOST_DOUBTS = 3  # Filled traps, stamps that are forged or too young, an hour.
# One row for all networks would let every sign-up wait for the one before; each network has its place in one of these.
GROUPS = 16


def suspicious(network: str) -> bool:
    """Tell whether a form that comes from there now has to pass a check."""
    addresses, doubts, rush = _addresses(network), _doubts(network), _rush(network)
    seen = limits.lately({addresses: DAY, doubts: HOUR, rush: RUSH})
    most = int(current_app.config["FORMS_RUSH"])
    return (
        joining.came_from(network) >= MOST_FORMS
        or seen.get(addresses, 0) >= MOST_ADDRESSES
        or seen.get(doubts, 0) >= MOST_DOUBTS
        or 0 < most <= seen.get(rush, 0) * GROUPS
    )


def note_doubt(network: str) -> None:
    """Count a form that no person would have sent like that."""
    limits.count(_doubts(network), HOUR)


def note_form(network: str, address: str) -> None:
    """Count a form that was taken; the last thing before the commit, since many networks share the row of a rush."""
    mac = hmac.digest(signing.key("form_address"), f"{network} {address}".encode(), hashlib.sha256)
    if limits.count(f"form-address:{mac.hex()}", DAY) == 1:
        limits.count(_addresses(network), DAY)
    limits.count(_rush(network), RUSH)


def _addresses(network: str) -> str:
    return f"form-addresses:{network}"


def _doubts(network: str) -> str:
    return f"form-doubts:{network}"


def _rush(network: str) -> str:
    return f"form-rush:{zlib.crc32(network.encode()) % GROUPS}"
