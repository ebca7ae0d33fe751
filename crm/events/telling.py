"""What an event says, in the language of the reader: its texts, and when it is on which clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates
from flask_babel import force_locale
from flask_babel import gettext as _

from crm.base import locales
from crm.contacts.models import Contact
from crm.contacts.time_zones import STATES
from crm.events.models import Event

BY_STATE = {state: zone for zone, states in STATES.items() for state in states.split()}


def when(event: Event, language: str, zone: str = "") -> str:
    """Return the day, the hours and the name of the zone, on the clocks of the event or of that zone."""
    where = ZoneInfo(zone or event.zone)
    start, end = event.starts_at.astimezone(where), event.ends_at.astimezone(where)
    locale = locales.REGIONS.get(language, language)
    clock_of = dates.get_timezone_name(start, "long", locale=locale)
    with force_locale(locale):
        if start.date() == end.date() and start.utcoffset() == end.utcoffset():
            told = {"day": _day(start, locale), "start": _time(start, locale), "end": _time(end, locale)}
            return _("%(day)s, %(start)s to %(end)s (%(zone)s)", **told, zone=clock_of)
        return _("%(start)s to %(end)s", start=_moment(start, locale), end=_moment(end, locale))


def day(event: Event, language: str) -> str:
    """Return the day on which it begins, on its own clocks."""
    return _day(event.starts_at.astimezone(ZoneInfo(event.zone)), locales.REGIONS.get(language, language))


def where(event: Event, language: str) -> str:
    """Return the place with its address on one line; for a webinar, that it is online."""
    parts = [event.place, *event.address.splitlines()]
    told = locales.comma(language).join(part.strip() for part in parts if part.strip())
    if told:
        return told
    with force_locale(language):
        return _("Online")


def own_zone(contact: Contact) -> str:
    """Return the zone that the contact lives in, as far as that is on record; "" where it is not."""
    return contact.zone or BY_STATE.get(contact.state.upper(), "")


def when_for(event: Event, contact: Contact) -> str:
    """Return when it is for mail to the contact: on the event's clocks, and on their own where those differ."""
    there, zone = when(event, contact.language), own_zone(contact)
    if not zone or event.starts_at.astimezone(ZoneInfo(zone)).utcoffset() == _offset(event):
        return there
    with force_locale(contact.language):
        return _("%(when)s; where you are: %(own)s", when=there, own=when(event, contact.language, zone))


def _offset(event: Event) -> object:
    return event.starts_at.astimezone(ZoneInfo(event.zone)).utcoffset()


def _day(moment: datetime, locale: str) -> str:
    return dates.format_date(moment.date(), "full", locale=locale)


def _time(moment: datetime, locale: str) -> str:
    return dates.format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale)


def _moment(moment: datetime, locale: str) -> str:
    """In the night in which clocks go back, the name of the zone tells the first hour from the second."""
    zone = dates.get_timezone_name(moment, "long", locale=locale)
    return f"{_day(moment, locale)}{locales.comma(locale)}{_time(moment, locale)} ({zone})"
