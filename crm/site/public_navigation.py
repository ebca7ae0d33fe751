"""Where a visitor can go from here, and by which address a search engine or a card names this page."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_request_context, request, url_for

from crm.base.public_pages import PublicEntry, public_menu

MENU, FOOT = "menu", "foot"


@dataclass(frozen=True)
class Link:
    """A word that leads to a page; `active`: it is this page, or one beneath it."""

    label: Any
    url: str
    active: bool


def init_app(app: Flask) -> None:
    """Give the templates of public pages their menu, the links at their foot, and the address of the page."""

    @app.context_processor
    def values() -> dict[str, Any]:
        return {"public_links": links, "lasting_path": lasting_path, "public_url": public_url}


def links(place: str) -> list[Link]:
    """Return what stands in the menu, or at the foot, in its order."""
    found = sorted((entry for entry in public_menu if entry.place == place), key=lambda entry: entry.order)
    return [_link(entry) for entry in found if entry.shown()]


def lasting_path() -> str:
    """Return the path by which this page may be found and passed on; "" where it is somebody's own, or none."""
    if not has_request_context() or request.method not in ("GET", "HEAD") or request.url_rule is None:
        return ""
    return "" if "token" in (request.view_args or {}) else request.path


def public_url(path: str) -> str:
    """Return the address of a page as visitors know it."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _link(entry: PublicEntry) -> Link:
    url = url_for(entry.endpoint)
    here = request.path if has_request_context() else ""
    return Link(entry.label, url, here == url or (url != "/" and here.startswith(url.rstrip("/") + "/")))
