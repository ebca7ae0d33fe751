"""All stories in one order, the newest first."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Subquery, literal, select, union_all

from crm.base import locales
from crm.base.pages import Page, paginate_rows
from crm.base.stories import Story, stories
from crm.extensions import db
from crm.site.pages import places, saying
from crm.site.pages.models import SitePage

PER_PAGE = 20


def page(number: int) -> Page:
    """Return one page of the list; a number past the end gives the last one."""
    keys = _keys().c
    query = select(keys.kind, keys.number).order_by(keys.at.desc(), keys.kind, keys.number.desc())
    chosen = paginate_rows(query, number, per_page=PER_PAGE)
    found = {name: kind.find([one for of, one in chosen.rows if of == name]) for name, kind in stories.items()}
    return replace(chosen, rows=[found[name][one] for name, one in chosen.rows if one in found[name]])


def any_story() -> bool:
    """Tell whether there is a story to read."""
    return db.session.execute(select(_keys().c.number).limit(1)).first() is not None


def written() -> Any:
    """Return the select of (moment, number) of the stories that staff wrote."""
    return places.shown("story").order_by(None).with_only_columns(SitePage.published_at, SitePage.id)


def find_written(numbers: Collection[int]) -> Mapping[int, Story]:
    """Return those of these numbers, in the reader's language where they are told in it."""
    pages = db.session.scalars(select(SitePage).where(SitePage.id.in_(numbers)))
    return {page.id: _told(page) for page in pages}


def _told(page: SitePage) -> Story:
    content = page.shown or {}
    code = locales.language() if locales.language() in content else page.language
    text = content.get(code, saying.EMPTY)
    at = page.published_at or page.created_at
    return Story(text["title"], text["description"], text.get("signed", ""), places.path_of(page), code, at)


def _keys() -> Subquery:
    parts = []
    for name, kind in stories.items():
        at, number = (keys := kind.keys().subquery()).c
        parts.append(select(literal(name).label("kind"), at.label("at"), number.label("number")).select_from(keys))
    return union_all(*parts).subquery()
