"""What imports add to the menu."""

from crm.base.registries import MenuEntry, menu


def register() -> None:
    """Enter the menu entry."""
    menu.add("imports", MenuEntry("Import", "transfer_staff.index", "contacts.import", 25))
