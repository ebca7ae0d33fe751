"""What organizations add to the menu."""

from crm.base.registries import MenuEntry, menu


def register() -> None:
    """Enter the menu entry."""
    menu.add("organizations", MenuEntry("Organizations", "organizations_staff.index", "organizations.see", 70))
