"""What technical assistance adds to the menus, to *today*, and to what is handed over when somebody leaves."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from crm.assistance import handling, requesting
from crm.base import clock, registries
from crm.base.public_pages import PublicEntry, public_menu, sitemap

IN_TODAY = 5


def register() -> None:
    """Enter them."""
    requesting.register()
    entry = registries.MenuEntry("Assistance", "assistance_staff.index", "assistance.see", 68, waiting=waiting)
    registries.menu.add("assistance", entry)
    registries.panels.add("assistance", registries.Panel("assistance/staff/today.html", late, "today", 30))
    handover = registries.Handover("requests for assistance", handling.in_hand, handling.hand_over)
    registries.handovers.add("assistance", handover)
    erasure = registries.Erasure("requests for assistance, and what came of them", handling.forget)
    registries.erasures.add("assistance", erasure)
    public_menu.add("assistance", PublicEntry(_l("Technical assistance"), "assistance_public.index", 60, place="foot"))
    sitemap.add("assistance", lambda: [(url_for("assistance_public.index"), None)])


def waiting() -> int:
    """Return how many requests nobody has taken on, of those that the user may read."""
    return handling.waiting(current_user)


def late() -> dict[str, Any]:
    """Return the requests whose day has passed, as far as the user may see them."""
    if not current_user.may("assistance.see"):
        return {"requests": [], "number": 0}
    today = clock.today(current_user.zone)
    found, number = handling.overdue(today, IN_TODAY, current_user)
    return {"requests": found, "number": number, "subjects": requesting.SUBJECTS, "day": today}
