"""What every page knows: whose installation this is, and where one can go from here."""

from typing import Any

from flask import Flask, g, has_request_context, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from crm.base.registries import MenuEntry, menu
from crm.organizations import coalition
from crm.organizations.models import Coalition

USER_MENU = [
    MenuEntry("Your account", "accounts_staff.me", "dashboard.see", 1),
    MenuEntry("Goals", "goals_staff.index", "goals.see", 2),
    MenuEntry("Users", "accounts_staff.index", "users.edit", 3),
    MenuEntry("Settings", "settings_staff.index", "settings.edit", 4),
]


def init_app(app: Flask) -> None:
    """Give templates the coalition, its logo and the menu of the staff area."""

    @app.context_processor
    def values() -> dict[str, Any]:
        if not has_request_context():  # A mail is being written.
            return {"coalition": coalition.current(), "coalition_name": coalition.name()}
        found = _coalition()
        return {
            "coalition": found,
            "coalition_name": coalition.name_of(found),
            "logo_url": _logo_url(),
            "staff_menu": _staff_menu(),
            "user_menu": user_menu(),
        }


def staff_menu() -> list[dict[str, Any]]:
    """Return the entries that this user may open, in order; what lies within a room where that is open.

    `waiting` is how much waits there, 0 where nobody counts, and in rooms that are closed.
    """
    if not current_user.is_authenticated:
        return []
    found = sorted(menu.items(), key=lambda item: item[1].order)
    allowed = {name: entry for name, entry in found if current_user.may(entry.permission)}
    rooms = {entry.within or name for name, entry in allowed.items() if _leads_here(entry)}
    return [
        {
            "label": one.label,
            "url": url_for(one.endpoint),
            "active": _leads_here(one),
            "within": one.within in allowed,
            "waiting": one.waiting() if one.waiting and (one.within or name) in rooms else 0,
        }
        for name, one in allowed.items()
        if one.within not in allowed or one.within in rooms
    ]


def _staff_menu() -> list[dict[str, Any]]:
    if "staff_menu" not in g:  # Each template of a page asks for it.
        g.staff_menu = staff_menu()
    menu_here: list[dict[str, Any]] = g.staff_menu
    return menu_here


def _leads_here(entry: MenuEntry) -> bool:
    """Return whether this page belongs to the entry: the same blueprint, or an address beneath it (not the home)."""
    home, url = url_for("site_staff.index"), url_for(entry.endpoint)
    same_room = (request.endpoint or "").partition(".")[0] == entry.endpoint.partition(".")[0]
    return same_room or (url != home and request.path.startswith(url))


def user_menu() -> list[dict[str, str]]:
    """Return the entries of the menu under the user's name."""
    if not current_user.is_authenticated:
        return []
    return [{"label": e.label, "url": url_for(e.endpoint)} for e in USER_MENU if current_user.may(e.permission)]


def _coalition() -> Coalition | None:
    # Once a request, and never in the way of an error page: the database itself may be what failed.
    if "coalition" not in g:
        try:
            g.coalition = coalition.current()
        except SQLAlchemyError:
            g.coalition = None
    return g.coalition


def _logo_url() -> str:
    found = _coalition()
    return url_for("site_public.logo") if found and found.logo_type else ""
