"""What the calendar adds to the menu, what mailings add to it, and which links a restored copy ends."""

from crm.base import registries
from crm.base.calendars import Source, calendar_entries
from crm.mailings.calendar import digests, entries, feed, moving, sequences
from crm.mailings.models import KINDS


def register() -> None:
    """Enter menu, mailings, steps, digests, and that the links to the feed end with a restore.

    Some may have been ended since.
    """
    registries.menu.add(
        "calendar", registries.MenuEntry("Calendar", "calendar_staff.index", "mailings.see", 41, within="mailings")
    )
    mailings = Source("Mailings", "mailings.see", 10, entries.find, KINDS, get=entries.get, move=moving.move)
    calendar_entries.add("mailings", mailings)
    steps = Source("Sequences", "mailings.see", 12, sequences.find, running=sequences.running)
    calendar_entries.add("sequences", steps)
    calendar_entries.add("digests", Source("Digests", "mailings.see", 14, digests.find, running=digests.running))
    registries.holds.add(
        "calendar", registries.Hold("links to the calendar that are ended", feed.end_all, "calendar_feed")
    )
