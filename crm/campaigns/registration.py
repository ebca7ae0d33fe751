"""What campaigns add to the menu and the calendar."""

from crm.base.calendars import Source, calendar_entries
from crm.base.registries import MenuEntry, menu
from crm.campaigns import dates


def register() -> None:
    """Enter the menu entry, and the days on which campaigns begin and end."""
    menu.add("campaigns", MenuEntry("Campaigns", "campaigns_staff.index", "campaigns.see", 75))
    calendar_entries.add("campaigns", Source("Campaigns", "campaigns.see", 70, dates.find))
