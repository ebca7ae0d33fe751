"""What the doctor says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing that was looked at: ok, warning or error; what was found; how to mend it, in plain words."""

    name: str
    state: str
    found: str
    mend: str = ""


def ok(name: str, found: str) -> Row:
    return Row(name, "ok", found)


def warning(name: str, found: str, mend: str) -> Row:
    return Row(name, "warning", found, mend)


def error(name: str, found: str, mend: str) -> Row:
    return Row(name, "error", found, mend)
