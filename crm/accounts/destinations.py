"""Where a login may lead: to a page of our own, and nowhere else."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

START = "/staff/"


def own_page(wish: str | None) -> str:
    """Return the wish where it is the path of a page of this installation that can be opened, else the start."""
    if not wish or not wish.isprintable() or not wish.startswith("/") or wish[1:2] in {"/", "\\"} or "\\" in wish:
        return START
    parts = urlsplit(wish)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return START
    return wish if _opens(parts.path) else START


def _opens(path: str) -> bool:
    adapter = current_app.url_map.bind("localhost")
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return False
    except HTTPException:
        return False
    return True
