"""The address to which a user sends copies of mail: signed, the user's own, and ended by a new one.

Who holds it can have mail wait for the user, and log it who forges From too; so it names nobody and cannot be guessed.
"""

import hashlib
import hmac
import re

from flask import current_app
from sqlalchemy import update

from crm.accounts.models import User
from crm.base import signing
from crm.delivery.envelope import base36
from crm.extensions import db

PURPOSE = "inbound_copy"
PERMISSION = "influencers.edit"
MAC_BYTES = 16
LARGEST_ID = 2**31 - 1
# Whatever domain stands behind it: the signature suffices, and the domain may have been another then.
ADDRESS = re.compile(r"(?<![0-9a-z.+-])log\+([0-9a-z]{1,6})\.([0-9a-f]{32})@", re.IGNORECASE)


def address_of(user: User) -> str:
    """Return the user's present address; "" where INBOUND_DOMAIN is not set."""
    domain = current_app.config["INBOUND_DOMAIN"]
    return f"log+{base36(user.id)}.{_mac(user.id, user.copy_number)}@{domain}" if domain else ""


def owner(address: str) -> User | None:
    """Return whose present address it is; None where it is forged or ended, or its user may log nothing (any more)."""
    match = ADDRESS.match(address.strip().strip("<>"))
    number = int(match[1], 36) if match else 0
    if match is None or not 0 < number <= LARGEST_ID:
        return None
    user = db.session.get(User, number)
    if user is None or not hmac.compare_digest(match[2].lower(), _mac(user.id, user.copy_number)):
        return None
    return user if user.may(PERMISSION) else None


def renew(user: User, seen: int) -> bool:
    """End the user's address by a new one; False where that one (of the number seen) has ended already."""
    mine = update(User).where(User.id == user.id, User.copy_number == seen)
    done = db.session.execute(mine.values(copy_number=User.copy_number + 1))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _mac(user_id: int, copy_number: int) -> str:
    name = f"{user_id}.{copy_number}".encode("ascii")
    return hmac.digest(signing.key(PURPOSE), name, hashlib.sha256)[:MAC_BYTES].hex()
