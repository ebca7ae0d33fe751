"""The time zones that people may choose from."""

from functools import cache
from zoneinfo import available_timezones

OURS = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "UTC",
)


@cache
def names() -> list[str]:
    """Return the names of all zones, those of the United States first."""
    places = (name for name in available_timezones() if "/" in name)
    rest = sorted(name for name in places if not name.startswith(("Etc/", "posix/", "right/")))
    return [*OURS, *(name for name in rest if name not in OURS)]


def known(name: str) -> bool:
    """Tell whether a person may choose that zone."""
    return bool(name) and find(name) == name


def find(text: str) -> str:
    """Return the zone that is written so in a file, in whatever case and with blanks; "" where there is none."""
    return _by_key().get(text.strip().lower().replace(" ", "_"), "")


@cache
def _by_key() -> dict[str, str]:
    return {name.lower(): name for name in names()}
