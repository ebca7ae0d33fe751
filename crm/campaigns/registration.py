"""What campaigns add to the menu."""

from crm.base.registries import MenuEntry, menu


def register() -> None:
    """Enter the menu entry."""
    menu.add("campaigns", MenuEntry("Campaigns", "campaigns_staff.index", "campaigns.see", 75))
