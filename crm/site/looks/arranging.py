"""What stands in the public menu and at its foot, as staff arrange it: entries of the subjects, and their own pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy import select

from crm.base import changes, locales
from crm.base.public_pages import public_menu
from crm.extensions import db
from crm.site.pages import places, saying
from crm.site.pages.models import SitePage, SiteSetting

PLACES = {"menu": "Menu", "foot": "Foot of the page", "": "Nowhere"}
OWN_PAGES = 500  # their order, where nobody gave one


@dataclass(frozen=True)
class Candidate:
    """Something that may stand in the menu: where it does now, and whether there is anything behind it."""

    key: str
    label: Any
    url: str
    place: str
    order: int
    shown: bool


def candidates(setting: SiteSetting, place: str | None = None) -> list[Candidate]:
    """Return all of them in their order, or those of one place; what is not asked for is not looked at."""
    chosen = setting.menu or {}
    found = []
    for key, entry in public_menu.items():
        where, order = chosen.get(key, (entry.place, entry.order))
        if place in (None, where):
            found.append(Candidate(key, entry.label, url_for(entry.endpoint), where, order, entry.shown()))
    for page in _own_pages(chosen, place):
        where, order = chosen.get(_key(page), ("", OWN_PAGES))
        label = _label(page)
        found.append(Candidate(_key(page), label, places.path_of(page), where, order, page.shown is not None))
    return sorted(found, key=lambda one: (list(PLACES).index(one.place), one.order))


def arrange(setting: SiteSetting, typed: Mapping[str, str], opened_on: int) -> None:
    """Keep where each of them stands, from fields named place.<key> and order.<key>; raises Collision."""
    menu: dict[str, Any] = {}
    for one in candidates(setting):
        place, order = typed.get(f"place.{one.key}", one.place), typed.get(f"order.{one.key}", "")
        number = int(order) if order.isdecimal() and len(order) < 5 else one.order
        menu[one.key] = [place if place in PLACES else one.place, number]
    changes.claim(setting, "site_setting", opened_on)
    changes.keep(setting, "site_setting", {"menu": menu})


def _own_pages(chosen: Mapping[str, Any], place: str | None) -> list[SitePage]:
    query = select(SitePage).where(SitePage.kind == "page", SitePage.fixed.is_(None))
    if place is not None:
        ids = [int(key[5:]) for key, (where, _) in chosen.items() if where == place and key.startswith("page-")]
        query = query.where(SitePage.id.in_(ids), places.is_shown())
    return list(db.session.scalars(query.order_by(SitePage.id)))


def _key(page: SitePage) -> str:
    return f"page-{page.id}"


def _label(page: SitePage) -> Markup:
    """Return the title in the language of the page that is written now; marked where it has none in it."""
    found = saying.titles(page.shown or page.content)
    code = next((one for one in (locales.language(), page.language) if found.get(one)), "")
    return locales.marked(found[code], code) if code else escape(saying.title_of(page))
