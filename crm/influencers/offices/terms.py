"""What a source says of the office that somebody holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Term:
    """A term in an office: by which key the office is known, its facts by column, and from when to when.

    `since` is when whoever holds it began, perhaps some terms ago; `starts_on` when this term did.
    """

    key: str
    office: Mapping[str, str]
    since: date | None
    starts_on: date | None
    ends_on: date | None


Seats = list[dict[str, Any]]
"""Seats on committees: code, name, role, rank, side."""
