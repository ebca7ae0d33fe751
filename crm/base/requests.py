"""What a request brings: text without NUL, which nobody types and PostgreSQL cannot store; and how much of it."""

from collections.abc import Iterable
from typing import Any

from flask import Request, current_app, request, session
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items


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


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
