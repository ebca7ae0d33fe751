"""What a request brings: text without NUL, which nobody types and PostgreSQL cannot store."""

from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items


class PlainTexts(ImmutableMultiDict[str, Any]):
    """Fields of a form or of an address; files among them stay as they are."""

    def __init__(self, items: Iterable[Any] | None = None) -> None:
        pairs = iter_multi_items(items or ())
        super().__init__([(_plain(name), _plain(value)) for name, value in pairs])


class PlainRequest(Request):
    """A request whose fields hold no NUL."""

    parameter_storage_class = PlainTexts


def _plain(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
