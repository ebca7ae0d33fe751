"""Who belongs to the staff: inviting, roles, closing accounts."""

from sqlalchemy import func, select

from crm.accounts import login, passwords, sessions
from crm.accounts.models import User
from crm.accounts.permissions import ROLES
from crm.base import audit
from crm.extensions import db


class Refused(Exception):
    """The change is not allowed; the message says why and what to do."""


def add(email: str, name: str, role: str, password: str = "", organization_id: int | None = None) -> User:
    """Add a user of the coalition, or of that member organization; raises Refused.

    Without a password the account waits for its invitation to be used.
    """
    if role not in ROLES:
        raise Refused(f"There is no role {role}. Choose one of {', '.join(ROLES)}.")
    stored = passwords.make_hash(password) if password else ""
    if login.by_email(email):
        raise Refused(f"{email.strip().lower()} already has an account.")
    user = User(email=email.strip().lower(), name=name.strip(), role=role, password_hash=stored)
    user.organization_id = organization_id
    db.session.add(user)
    db.session.flush()
    audit.record("add", "user", user.id, email=user.email, role=role, organization_id=organization_id)
    return user


def change_role(user: User, role: str, *, by: User) -> None:
    """Give another role, which ends the user's sessions; raises Refused for the own role and the last admin."""
    if user.id == by.id:
        raise Refused("Nobody changes the own role. Ask another admin.")
    if role not in ROLES:
        raise Refused(f"There is no role {role}. Choose one of {', '.join(ROLES)}.")
    if role == user.role:
        return
    if user.role == "admin":
        _keep_an_admin(user)
    audit.record("change_role", "user", user.id, role=[user.role, role])
    user.role = role
    sessions.end_all(user)


def change_organization(user: User, organization_id: int | None, *, by: User) -> None:
    """Let the user belong to another member organization, or to the coalition (None), which ends the sessions.

    Raises Refused for oneself, because it decides what one sees.
    """
    if user.id == by.id:
        raise Refused("Nobody changes the own organization. Ask another admin.")
    if organization_id == user.organization_id:
        return
    audit.record("change_organization", "user", user.id, organization_id=[user.organization_id, organization_id])
    user.organization_id = organization_id
    sessions.end_all(user)


def close(user: User, *, by: User) -> None:
    """Close an account: its sessions end and nobody logs in with it; raises Refused."""
    if user.id == by.id:
        raise Refused("Nobody closes the own account. Ask another admin.")
    if user.role == "admin":
        _keep_an_admin(user)
    user.active = False
    sessions.end_all(user)
    audit.record("close", "user", user.id)


def reopen(user: User) -> None:
    """Open a closed account again, with the role and password that it had."""
    user.active = True
    audit.record("reopen", "user", user.id)


def set_password(user: User, password: str) -> None:
    """Set a new password and end every session; commits before, so that hashing holds no lock."""
    db.session.commit()
    user.password_hash = passwords.make_hash(password)
    sessions.end_all(user)
    login.forgive(user.email)
    audit.record("set_password", "user", user.id)


def everybody() -> list[User]:
    """Return all users by name, the open accounts first."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), func.lower(User.name))))


def exist() -> bool:
    """Tell whether this installation has any user whose account is open."""
    return db.session.scalar(select(User.id).where(User.active).limit(1)) is not None


def _keep_an_admin(user: User) -> None:
    # The rows are locked so that two admins cannot close each other at the same moment.
    admins = select(User.id).where(User.role == "admin", User.active).with_for_update()
    if set(db.session.scalars(admins)) <= {user.id}:
        raise Refused("This is the last admin. Make somebody else an admin first.")
