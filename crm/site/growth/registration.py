"""What growth adds to the menus and to what search engines may find."""

from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext as _l

from crm.base.public_pages import PublicEntry, public_menu, sitemap
from crm.base.registries import MenuEntry, menu
from crm.site.growth.public import shown


def register() -> None:
    """Add the page of the staff, and that of the public goal."""
    menu.add("growth", MenuEntry("Growth", "growth_staff.index", "dashboard.see", 5))
    public_menu.add("goal", PublicEntry(_l("Our goal"), "growth_public.goal", 80, shown, place="foot"))
    sitemap.add("goal", _pages)


def _pages() -> list[tuple[str, datetime | None]]:
    return [(url_for("growth_public.goal"), None)] if shown() else []
