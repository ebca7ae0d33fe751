"""Passwords and sessions."""

from argon2 import PasswordHasher
from flask_login import LoginManager

from crm.accounts.models import User
from crm.extensions import db

# RFC 9106 §4, second recommended option: 64 MiB, three passes.
hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)


def init_app(manager: LoginManager) -> None:
    """Tell Flask-Login how a session finds its user and where strangers are sent."""
    manager.login_view = "accounts_public.log_in"
    manager.login_message = None
    manager.user_loader(load)


def load(session_id: str) -> User | None:
    """Return the user of a session, unless the account was closed or its sessions were ended."""
    user_id, _, version = session_id.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdigit() else None
    return user if user and user.active and str(user.session_version) == version else None
