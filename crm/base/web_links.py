"""Addresses of web pages, as people type them and files hold them."""

import re
from urllib.parse import urlsplit

from wtforms import Field, Form, ValidationError

NO_ADDRESS = re.compile(r"[\x00-\x20\x7f]")  # urlsplit passes line ends over, and headers hold none.


def is_web_link(text: str) -> bool:
    """Tell whether the text is an http or https address with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and NO_ADDRESS.search(text) is None
    except ValueError:
        return False


def web_link(form: Form, field: Field) -> None:
    """Validator: nothing, or an http or https address; trims it."""
    field.data = (field.data or "").strip()
    if field.data and not is_web_link(field.data):
        raise ValidationError("Give the whole address, beginning with https:// or http://.")
