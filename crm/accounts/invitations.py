"""Links by which people set their password: an invitation, or a password forgotten.

A link is bound to the password that stands now, so it is worth nothing once it was used.
"""

from datetime import timedelta
from hashlib import sha256

from crm.accounts import login
from crm.accounts.models import User
from crm.base import clock, limits, signing
from crm.base.public_pages import public_url
from crm.delivery import letters
from crm.extensions import db

INVITATION = "invitation"
RESET = "password_reset"
LIFE = {INVITATION: timedelta(days=7), RESET: timedelta(hours=2)}


def invite(user: User, inviter: str) -> None:
    """Send the link to set the first password."""
    merge = {"inviter": inviter, "password_url": url(user, INVITATION)}
    letters.send("invitation", user.email, locale="en", occasion=_occasion(), merge=merge)


def may_ask(email: str, network: str) -> bool:
    """Count one wish for a new password; five an hour for an address, twenty for a network."""
    hour = timedelta(hours=1)
    address = sha256(email.encode()).hexdigest()
    allowed = [limits.allow(f"reset {address}", 5, hour), limits.allow(f"reset network {network}", 20, hour)]
    return all(allowed)


def offer_reset(email: str) -> None:
    """Send the link to set a new password, if there is an open account with that address."""
    user = login.by_email(email)
    if user and user.active:
        merge = {"password_url": url(user, RESET)}
        letters.send("password_reset", user.email, locale="en", occasion=_occasion(), merge=merge)


def url(user: User, purpose: str) -> str:
    """Return the link; it holds for 7 days as an invitation, for 2 hours after a password was forgotten."""
    token = signing.sign(purpose, f"{user.id}:{_fingerprint(user)}", dated=True)
    return public_url(f"/password/{token}")


def read(token: str) -> User:
    """Return the user who may set a password by this link; raises InvalidToken or ExpiredToken."""
    user_id, _, fingerprint = _subject(token).partition(":")
    user = db.session.get(User, int(user_id))
    if not user or not user.active or fingerprint != _fingerprint(user):
        raise signing.ExpiredToken(user_id)
    return user


def _subject(token: str) -> str:
    try:
        return signing.read(INVITATION, token, max_age=LIFE[INVITATION])
    except signing.ExpiredToken:
        raise
    except signing.InvalidToken:
        return signing.read(RESET, token, max_age=LIFE[RESET])


def _fingerprint(user: User) -> str:
    return sha256(f"{user.password_hash}:{user.email}".encode()).hexdigest()[:16]


def _occasion() -> str:
    # Each wish is a letter of its own, even to the same address.
    return clock.now().isoformat(timespec="microseconds")
