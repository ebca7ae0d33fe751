"""What all calendar files of ours have in common (RFC 5545)."""

from urllib.parse import urlsplit

from flask import current_app
from icalendar import Calendar


def begun(method: str = "") -> Calendar:
    """Return a file without entries; `method`: what a program is to do with them (RFC 5546 §1.4)."""
    file = Calendar()
    file.add("prodid", "-//Groundswell//Groundswell//EN")
    file.add("version", "2.0")
    if method:
        file.add("method", method)
    return file


def uid(name: str) -> str:
    """Return the identifier that an entry of that name keeps, whatever becomes of it (RFC 7986 §5.3)."""
    return f"{name}@{urlsplit(current_app.config['PUBLIC_URL']).hostname or 'localhost'}"
