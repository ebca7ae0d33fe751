"""The one coalition of this installation."""

from sqlalchemy import select

from crm.extensions import db
from crm.organizations.models import Coalition


def current() -> Coalition | None:
    """Return the coalition, or None before the setup page was completed."""
    return db.session.scalar(select(Coalition).limit(1))
