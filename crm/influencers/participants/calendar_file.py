"""A meeting as a calendar file (RFC 5545)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Event

from crm.base import calendar_files
from crm.base.public_pages import public_url
from crm.influencers.interactions import KINDS
from crm.influencers.models import Interaction

HELD = ("meeting", "call", "event")
LASTS = timedelta(hours=1)  # Nobody types an end, and calendars hide what has no length.


def is_offered(interaction: Interaction, today: date) -> bool:
    """Tell whether it belongs into a calendar: something that people meet for, with a time or on a day to come."""
    return interaction.kind in HELD and (interaction.begins_at is not None or interaction.held_on > today)


def of(interaction: Interaction, names: Sequence[str], changed_at: datetime, *, private: bool) -> bytes:
    """Return the file; names: of those who take part, as far as the reader may know. private: with place and summary.

    DTSTAMP is when it was changed last, SEQUENCE counts the changes, so a calendar replaces what it had (RFC 5545
    §3.8.7). With a time it lasts an hour, without one the day.
    """
    event = Event()
    event.add("uid", calendar_files.uid(f"interaction-{interaction.id}"))
    event.add("dtstamp", changed_at)
    event.add("sequence", interaction.version)
    event.add("dtstart", _begins(interaction))
    if interaction.begins_at:
        event.add("duration", LASTS)
    event.add("summary", f"{KINDS[interaction.kind]}: {', '.join(names)}" if names else KINDS[interaction.kind])
    if private and interaction.place:
        event.add("location", interaction.place)
    if private:
        event.add("description", interaction.summary)
    event.add("url", public_url(f"/staff/interactions/{interaction.id}"))
    file = calendar_files.begun()
    file.add_component(event)
    year = interaction.held_on.year
    file.add_missing_timezones(date(year - 1, 1, 1), date(year + 1, 12, 31))
    return bytes(file.to_ical())


def _begins(interaction: Interaction) -> date | datetime:
    if interaction.begins_at is None:
        return interaction.held_on
    return datetime.combine(interaction.held_on, interaction.begins_at, ZoneInfo(interaction.zone or "UTC"))
