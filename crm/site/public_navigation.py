"""Where a visitor can go from here, and by which address a search engine or a card names this page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, has_request_context, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from crm.base.public_pages import public_url
from crm.contacts.registration import came_by
from crm.extensions import db
from crm.site.looks import arranging
from crm.site.pages import places
from crm.site.pages.models import SiteSetting


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
        return {
            "public_links": links,
            "lasting_path": lasting_path,
            "public_url": public_url,
            "colors_url": colors_url,
        }


def links(place: str) -> list[Link]:
    """Return what stands in the menu, or at the foot, in its order."""
    try:
        found = arranging.candidates(_setting(), place)
    except SQLAlchemyError:  # The page of an error is shown all the same.
        db.session.rollback()
        return []
    return [_link(one) for one in found if one.shown]


def colors_url() -> str:
    """Return the address of the style sheet with the site's own color; "" for the standard one."""
    color = color_of_links()
    return url_for("site_public.colors", name=color.lstrip("#").lower()) if color else ""


def color_of_links() -> str:
    """Return the color that was chosen for links and buttons; "" for the standard one."""
    return _setting().primary


def lasting_path() -> str:
    """Return the path by which this page may be found and passed on; "" where it is somebody's own, or none."""
    if not has_request_context() or request.method not in ("GET", "HEAD") or request.url_rule is None:
        return ""
    return "" if "token" in (request.view_args or {}) else request.path


def _setting() -> SiteSetting:
    # Once a request, and never in the way of an error page: the database itself may be what failed.
    if "site_setting" not in g:
        try:
            g.site_setting = places.setting()
        except SQLAlchemyError:
            g.site_setting = SiteSetting(**places.UNCHANGED)
    found: SiteSetting = g.site_setting
    return found


def _link(one: arranging.Candidate) -> Link:
    here = request.path if has_request_context() else ""
    active = here == one.url or (one.url != "/" and here.startswith(one.url.rstrip("/") + "/"))
    carried = came_by()
    return Link(one.label, one.url + ("?" + urlencode(carried) if carried else ""), active)
