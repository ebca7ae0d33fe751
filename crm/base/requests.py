"""What a request brings: text without NUL, which nobody types and PostgreSQL cannot store; and how much of it."""

import time
from collections.abc import Iterable
from typing import Any

from flask import Request, current_app, request, session
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

BLOCK = 1 << 14  # bytes: a slow sender is looked at between two of these
MOST_READ = 512 << 20  # bytes
LONGEST_READ = 60.0  # seconds


class PlainTexts(ImmutableMultiDict[str, Any]):
    """Fields of a form or of an address; files among them stay as they are."""

    def __init__(self, items: Iterable[Any] | None = None) -> None:
        pairs = iter_multi_items(items or ())
        super().__init__([(_plain(name), _plain(value)) for name, value in pairs])


class PlainRequest(Request):
    """A request whose fields hold no NUL."""

    parameter_storage_class = PlainTexts


def read_more(files: int, typed: int = 0) -> None:
    """Read what staff send up to so many files of the largest size and so many bytes typed.

    What is too large is refused on the page itself then, with all that was typed. Others are cut off earlier.
    """
    if "_user_id" in session:  # Asks no database, which would be locked until all is read.
        request.max_content_length = typed + files * current_app.config["MAX_CONTENT_LENGTH"]
        if typed:
            request.max_form_memory_size = typed


def read_to_the_end() -> None:
    """Read what is too large, and keep nothing of it: a browser shows no answer before all of it was sent."""
    left, end = request.content_length or 0, time.monotonic() + LONGEST_READ
    if not (request.max_content_length or 0) < left <= MOST_READ:
        return  # It was read in part, so that nobody knows how much is left.
    while left > 0 and time.monotonic() < end:
        block = request.environ["wsgi.input"].read(min(left, BLOCK))
        left = left - len(block) if block else 0


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
