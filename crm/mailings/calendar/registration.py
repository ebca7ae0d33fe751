"""What the calendar adds to the menu, what mailings add to it, and which links a restored copy ends."""

from crm.base import registries
from crm.base.calendars import Source, calendar_entries
from crm.mailings.calendar import entries, feed, moving
from crm.mailings.models import KINDS


def register() -> None:
    """Enter menu, mailings, and that the links to the feed end with a restore: some may have been ended since."""
    registries.menu.add(
        "calendar", registries.MenuEntry("Calendar", "calendar_staff.index", "mailings.see", 41, within="mailings")
    )
    mailings = Source("Mailings", "mailings.see", 10, entries.find, KINDS, get=entries.get, move=moving.move)
    calendar_entries.add("mailings", mailings)
    registries.holds.add(
        "calendar", registries.Hold("links to the calendar that are ended", feed.end_all, "calendar_feed")
    )
