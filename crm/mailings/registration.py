"""What mailings add to the staff pages."""

from typing import Any

from sqlalchemy import select

from crm.base import registries
from crm.extensions import db
from crm.mailings.models import KINDS, Mailing

NEXT = 5


def register() -> None:
    """Add the entry of the menu and the panel of the dashboard."""
    registries.menu.add("mailings", registries.MenuEntry("Mailings", "mailings_staff.index", "mailings.see", 40))
    registries.panels.add("mailings", registries.Panel("mailings/staff/next_out.html", next_out, "next", 10))


def next_out() -> dict[str, Any]:
    """Return what goes out next, and what waits for somebody's word."""
    query = select(Mailing).order_by(Mailing.scheduled_at, Mailing.id)
    coming = db.session.scalars(query.where(Mailing.state.in_(["scheduled", "sending"])).limit(NEXT)).all()
    waiting = db.session.scalars(query.where(Mailing.state == "paused").limit(NEXT)).all()
    return {"coming": coming, "waiting": waiting, "kinds": KINDS}
