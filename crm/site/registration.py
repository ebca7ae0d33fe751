"""What the site itself adds to the staff menu."""

from crm.base.registries import MenuEntry, menu


def register() -> None:
    """Add the dashboard."""
    menu.add("today", MenuEntry("Today", "site_staff.index", "dashboard.see", 0))
