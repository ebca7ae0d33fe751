"""Addresses and keys made of words."""

import re
import unicodedata
from collections.abc import Container
from itertools import chain, count
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.extensions import db

SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def plain(text: str) -> str:
    """Return the text in small letters without accents; what has no letters of ASCII is left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def of(text: str, longest: int, *, join: str = "-") -> str:
    """Return the words of a text as an address of at most so many characters; empty where none are Latin."""
    return join.join(re.findall(r"[a-z0-9]+", plain(text)))[:longest].strip(join)


def free(wish: str, taken: Container[str], *, join: str = "-") -> str:
    """Return the wish, or where it is taken the wish with the first number from 2 that is not."""
    numbered = (f"{wish}{join}{number}" for number in count(2))
    return next(slug for slug in chain([wish], numbered) if slug not in taken)


def taken(wish: str, column: InstrumentedAttribute[Any], *only: ColumnElement[bool]) -> set[str]:
    """Return the slugs in a column that begin with the wish, of the rows for which all that holds."""
    query = select(column).where(column.startswith(wish, autoescape=True), *only)
    with db.session.no_autoflush:
        return set(db.session.scalars(query))
