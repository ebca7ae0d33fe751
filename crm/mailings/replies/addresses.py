"""The addresses that replies come in to: signed, one for each mailing and one for each thread with somebody.

Who holds one can write to the staff, and do nothing else; so it names nobody and cannot be guessed.
"""

import hashlib
import hmac
import re
from email.utils import formataddr
from typing import NamedTuple

from flask import current_app

from crm.base import signing
from crm.delivery.envelope import base36
from crm.organizations.models import Coalition

PURPOSE = "reply"
MAILING, THREAD = "m", "t"
MAC_BYTES = 16
LARGEST_ID = 2**31 - 1
# Whatever domain stands behind it: the signature suffices, and the domain may have been another then.
ADDRESS = re.compile(r"(?<![0-9a-z.+-])reply\+([mt])([0-9a-z]{1,6})\.([0-9a-f]{32})@", re.IGNORECASE)


class Named(NamedTuple):
    """What an address stands for: a mailing or a thread, and its id."""

    kind: str
    id: int


def of_mailing(mailing_id: int, who: Coalition) -> str:
    """Return the Reply-To of a mailing, with the name that it comes from; "" where INBOUND_DOMAIN is not set."""
    return _shown(MAILING, mailing_id, who)


def of_thread(thread_id: int, who: Coalition) -> str:
    """Return the Reply-To of answers in a thread, in the same way."""
    return _shown(THREAD, thread_id, who)


def read(address: str) -> Named | None:
    """Return what an address stands for; None where its signature is not ours."""
    match = ADDRESS.match(address.strip().strip("<>"))
    if match is None:
        return None
    kind, number = match[1].lower(), int(match[2], 36)
    if not 0 < number <= LARGEST_ID or not hmac.compare_digest(match[3].lower(), _mac(kind, number)):
        return None
    return Named(kind, number)


def _shown(kind: str, number: int, who: Coalition) -> str:
    domain = current_app.config["INBOUND_DOMAIN"]
    address = f"reply+{kind}{base36(number)}.{_mac(kind, number)}@{domain}"
    return formataddr((who.sender_name or who.name, address)) if domain else ""


def _mac(kind: str, number: int) -> str:
    name = f"{kind}{number}".encode("ascii")
    return hmac.digest(signing.key(PURPOSE), name, hashlib.sha256)[:MAC_BYTES].hex()
