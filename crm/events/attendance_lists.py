"""Reading who attended from the files of webinar tools: Zoom, Teams, Webex, GoTo, and tables like theirs.

They differ in encoding, in what parts the columns, in what stands above the table, and in their words. What is common
to all is a row of heads with one for the address; each further row of heads begins another table.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.contacts import addresses

MOST_BYTES = 5_000_000
MOST_ROWS = 50_000
LONGEST_CELL = 500
ADDRESS = ("email", "email address", "user email", "attendee email", "e-mail", "e-mail address", "correo electronico")
MINUTES = (
    "time in session (minutes)",
    "duration (minutes)",
    "total duration (minutes)",
    "duration",
    "time in session",
    "in-meeting duration",
    "attendance duration",
)
ATTENDED = "attended"
TOOLS = {
    "teams": ("participant id (upn)", "in-meeting duration", "first join"),
    "webex": ("attendance duration", "attendee email", "connection type"),
    "zoom": ("user name (original name)", "name (original name)", "user email", "guest", "approval status"),
    "goto": ("interest rating", "registration date/time", "attentiveness"),
}
NAMES = {"teams": "Microsoft Teams", "webex": "Webex", "zoom": "Zoom", "goto": "GoTo Webinar", "other": "another tool"}
PART = re.compile(r"(\d{1,5}(?:\.\d{1,5})?)\s*(h|m|s)", re.IGNORECASE)
CLOCK = re.compile(r"(?:(\d{1,5}):)?(\d{1,5}):(\d{1,5})")
WORTH = {"h": 60.0, "m": 1.0, "s": 1 / 60}


class Unreadable(ValueError):
    """The file holds no list of who attended; the message says what to do."""


@dataclass(frozen=True)
class Read:
    """What a file told: from which tool it is, and how many minutes each address was there (0: not told)."""

    tool: str
    minutes: dict[str, int]


def read(data: bytes) -> Read:
    """Return who attended; raises Unreadable. People whom the file says did not attend are left out."""
    if len(data) > MOST_BYTES:
        raise Unreadable("The file is over 5 MB. A list of who attended is smaller: choose that file.")
    text = _decoded(data)
    heads: list[str] = []
    found: dict[str, int] = {}
    tool, known = "other", False
    for row in _rows(text):
        cells = [_plain(cell) for cell in row]
        named = [cell.lower() for cell in cells]
        if any(name in ADDRESS for name in named):
            heads, known = named, True
            tool = _tool_of(named) if tool == "other" else tool
        elif heads:
            _take(dict(zip(heads, cells, strict=False)), found)
    if not known:
        raise Unreadable(
            "No column of e-mail addresses was found. Export the report of attendees or participants as CSV from your "
            "webinar tool, and choose that file."
        )
    return Read(tool, found)


def _decoded(data: bytes) -> str:
    """Teams and Webex write UTF-16, the others UTF-8; what is neither is read as Windows does it."""
    if data[:4] in (b"PK\x03\x04",) or data[:4] == b"%PDF" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable("This is no CSV file but a workbook, a PDF or the like. Save or export it as CSV.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    elif data[1:2] == b"\x00":
        text = data.decode("utf-16-le", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if sum(not (sign.isprintable() or sign in "\r\n\t") for sign in text[:4000]) > len(text[:4000]) // 20:
        raise Unreadable("This file holds no text. Export the report as CSV, and choose that file.")
    return text.replace("\0", "")


def _rows(text: str) -> Iterator[list[str]]:
    sample = text[:20_000]
    parted = max("\t,;", key=sample.count)
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=parted):
            number += 1
            if number > MOST_ROWS:
                raise Unreadable(f"The file has over {MOST_ROWS:,} rows. Choose the list of one event.")
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        message = f"Row {number + 1} cannot be read. Export the file once more, and leave it unchanged."
        raise Unreadable(message) from error


def _plain(cell: str) -> str:
    """Return what a cell says; Webex writes ="…" so that spreadsheets take it for text."""
    return cell.strip().removeprefix("=").strip('"').strip()[:LONGEST_CELL]


def _tool_of(heads: list[str]) -> str:
    hits = {tool: sum(word in heads for word in words) for tool, words in TOOLS.items()}
    best = max(hits, key=lambda tool: hits[tool])
    return best if hits[best] else "other"


def _take(row: dict[str, str], found: dict[str, int]) -> None:
    if row.get(ATTENDED, "yes").lower() in ("no", "false", "0"):
        return
    typed = next((row[name] for name in ADDRESS if row.get(name)), "")
    try:
        address = addresses.normalize(typed)
    except addresses.BadAddress:
        return
    if "@" in address:
        told = next((row[name] for name in MINUTES if row.get(name)), "")
        found[address] = found.get(address, 0) + round(_minutes(told))


def _minutes(told: str) -> float:
    """Read 62, 1h 2m 10s, 1 hour 2 minutes, 01:02:10."""
    if parts := PART.findall(told):
        return sum(float(number) * WORTH[unit.lower()] for number, unit in parts)
    if clock := CLOCK.fullmatch(told):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 60 + minutes + seconds / 60
    try:
        return max(0.0, min(float(told), 10_000.0))
    except ValueError:
        return 0.0
