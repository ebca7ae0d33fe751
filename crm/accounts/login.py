"""Logging in: tries are counted in the database, and a session can be ended from here."""

from datetime import datetime, timedelta
from hashlib import sha256

from flask import session
from flask_login import LoginManager, login_user
from sqlalchemy import select

from crm.accounts import passwords, sessions
from crm.accounts.models import User
from crm.base import audit, clock, limits
from crm.extensions import db

# Tries in each window, for one account: ten, and after each further few the wait grows to an hour and a day.
ACCOUNT_TRIES = ((timedelta(minutes=15), 10), (timedelta(hours=1), 15), (timedelta(days=1), 25))
NETWORK_TRIES = ((timedelta(minutes=15), 50), (timedelta(hours=1), 100))


class WrongLogin(Exception):
    """The address or the password is wrong; which of the two is not told."""


class TooManyTries(Exception):
    """No further try before `until` (UTC)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many tries, wait until {until.isoformat()}")
        self.until = until


def init_app(manager: LoginManager) -> None:
    """Tell Flask-Login how a session finds its user and where strangers are sent."""
    manager.login_view = "accounts_public.log_in"
    manager.login_message = None
    manager.session_protection = None
    manager.user_loader(sessions.load)


def check(email: str, password: str, network: str) -> User:
    """Return the user of that address and password; commits.

    Raises TooManyTries or WrongLogin. The try is counted and committed before the password is looked at, so that
    guesses at the same moment count too; and no lock is held during the tenth of a second that the look takes.
    """
    _count_try(email, network)
    user = by_email(email)
    db.session.commit()
    right = passwords.matches(password, user.password_hash if user else "")
    if not user or not right or not user.active:
        raise WrongLogin
    forgive(email)
    if passwords.hasher.check_needs_rehash(user.password_hash):
        user.password_hash = passwords.make_hash(password)
    return user


def begin(user: User) -> None:
    """Begin a new session for this user in the present browser; whatever the old one held is dropped."""
    session.clear()
    session.update(sessions.opened(user))
    user.last_login_at = clock.now()
    login_user(user)
    audit.record("log_in", "user", user.id)


def by_email(email: str) -> User | None:
    """Return the user with that address, whatever its case."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def forgive(email: str) -> None:
    """Forget the failed tries of an account, e.g. after its password was set anew."""
    for per, _most in ACCOUNT_TRIES:
        limits.forget(_in_window(_account_key(email), per))


def _count_try(email: str, network: str) -> None:
    tries = [(_account_key(email), *allowed) for allowed in ACCOUNT_TRIES]
    tries += [(f"login network {network}", *allowed) for allowed in NETWORK_TRIES]
    full = [per for key, per, most in tries if limits.tries(_in_window(key, per), per) >= most]
    if not full:
        full = [per for key, per, most in tries if not limits.allow(_in_window(key, per), most, per)]
    db.session.commit()
    if full:
        raise TooManyTries(max(limits.window_end(per) for per in full))


def _account_key(email: str) -> str:
    return f"login account {sha256(email.strip().lower().encode()).hexdigest()}"


def _in_window(key: str, per: timedelta) -> str:
    return f"{key} {int(per.total_seconds())}"
