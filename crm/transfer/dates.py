"""Dates as the exports of other programs write them."""

import re
from datetime import UTC, datetime

EARLIEST = 1990
FORMATS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %H:%M", "%m/%d/%y", "%Y/%m/%d", "%b %d, %Y")
ZONE = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
OFFSET = re.compile(r"\s+([+-]\d{2}):?(\d{2})$")


def parse(text: str) -> datetime:
    """Return the moment, aware; one without a zone is UTC, as Mailchimp and Action Network write.

    Raises ValueError for what is no date, or lies before 1990: nobody signed up by e-mail then, and a program
    that writes the year 1 means none.
    """
    cleaned = OFFSET.sub(r"\1:\2", ZONE.sub("", text.strip()))
    found = _iso(cleaned) or _american(cleaned)
    if found is None:
        raise ValueError(f"“{text[:40]}” is not a date; write it like 2024-03-31 14:05:00")
    if found.year < EARLIEST:
        raise ValueError(f"“{text[:40]}” lies before {EARLIEST}; mend it, or leave it blank")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _american(text: str) -> datetime | None:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
