"""Keeping pages: begun, saved with a history, published, withdrawn, deleted."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from sqlalchemy import delete, select

from crm.base import audit, changes, clock, slugs
from crm.base.changes import Collision, Refused
from crm.base.database import insert_into
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.extensions import db
from crm.mailings.blocks.checking import BadBlocks, cleaned
from crm.site.pages import saying
from crm.site.pages.models import SitePage, SitePageRevision

KINDS = {"page": "Page", "post": "Post", "story": "Story"}
FIXED = {"home": "Home", "about": "About us", "privacy": "Privacy"}
KEPT = 50  # revisions of a page
LONGEST_SLUG = 80
EXTRAS = ("signed", "agreed_by", "agreed_on")


def begin(kind: str, language: str, title: str) -> SitePage:
    """Make a draft with that title; returns it."""
    content = {language: {**saying.EMPTY, "title": one_line(title)[:200], "blocks": []}}
    page = SitePage(kind=kind, language=language, slug=free_slug(kind, title), content=content)
    return _added(page)


def fixed(name: str) -> SitePage:
    """Return the page of the site itself of that name; a new draft where nobody wrote it yet."""
    page = select(SitePage).where(SitePage.fixed == name)
    while (found := db.session.scalar(page)) is None:
        row = {"kind": "page", "fixed": name, "language": "en", "slug": free_slug("page", name), "version": 1}
        draft = insert_into(SitePage).values(**row, content=_blank(FIXED[name]))
        # Of two who open it at once, the second waits here for the first, and finds what they made.
        made = db.session.scalar(draft.on_conflict_do_nothing().returning(SitePage.id))
        if made is not None:
            return _noted(db.session.get_one(SitePage, made))
    return found


def save(page: SitePage, language: str, values: Mapping[str, Any], opened_on: int) -> None:
    """Keep what was typed in one language; the public sees it once it is published. Raises Refused, Collision."""
    changes.lock(page)
    if page.version != opened_on:
        raise Collision([])
    try:
        blocks = cleaned(values["blocks"])
    except BadBlocks as bad:
        raise Refused(str(bad), "") from bad
    text = {"title": one_line(values["title"]), "description": one_line(values["description"]), "blocks": blocks}
    if "slug" in values and page.fixed is None and page.published_at is None:
        page.slug = _checked_slug(page, values["slug"])
    extras = {name: values[name] for name in EXTRAS if name in values}
    if page.shown and extras and not (extras["agreed_by"] and extras["agreed_on"]):
        raise Refused("Take the story off the site first. It is shown by the word of who agreed to it.", "agreed_by")
    for name, value in extras.items():
        setattr(page, name, value)
    _say(page, {**page.content, language: text}, "save")


def add_language(page: SitePage, language: str) -> None:
    """Add a text in that language, as a copy of the main one to be translated."""
    if language in LANGUAGES and language not in page.content:
        changes.lock(page)
        _say(page, {**page.content, language: deepcopy(page.content[page.language])}, "add_version")


def remove_language(page: SitePage, language: str) -> None:
    """Take the text in that language away; the main one stays."""
    if language != page.language and language in page.content:
        changes.lock(page)
        _say(page, {code: text for code, text in page.content.items() if code != language}, "remove_version")


def restore(page: SitePage, revision: SitePageRevision) -> None:
    """Let the draft say again what it said then; the public reads it once it is published."""
    changes.lock(page)
    _say(page, deepcopy(revision.content), "restore")


def publish(page: SitePage) -> None:
    """Show the public what the page says now; raises Refused, with what is to be mended."""
    changes.lock(page)
    found = saying.faults(page.content)
    if page.kind == "story" and not (page.agreed_by and page.agreed_on):
        found.append("Say who agreed to the story, and when. Nothing is told of anybody who did not.")
    if found:
        raise Refused(" ".join(found), "")
    now = clock.now()
    page.shown, page.changed_at, page.withdrawn_at = saying.published(page), now, None
    page.published_at = page.published_at or now
    page.version += 1
    audit.record("publish", "site_page", page.id, slug=[None, page.slug])


def withdraw(page: SitePage) -> None:
    """Take the page off the site at once. What the draft says stays with the staff."""
    changes.lock(page)
    page.shown, page.withdrawn_at = None, clock.now()
    page.version += 1
    audit.record("withdraw", "site_page", page.id, slug=[page.slug, None])


def remove(page: SitePage) -> None:
    """Delete the page with its history."""
    audit.record("delete", "site_page", page.id, slug=[page.slug, None])
    db.session.delete(page)


def everything(kind: str) -> Sequence[SitePage]:
    """Return the pages of that kind, the last changed first."""
    query = select(SitePage).where(SitePage.kind == kind).order_by(SitePage.updated_at.desc(), SitePage.id.desc())
    return db.session.scalars(query).all()


def revisions(page: SitePage) -> Sequence[SitePageRevision]:
    """Return what the page said before, the newest first."""
    query = select(SitePageRevision).where(SitePageRevision.page_id == page.id)
    return db.session.scalars(query.order_by(SitePageRevision.id.desc())).all()


def pictures_shown(public_id: str) -> list[str]:
    """Return the titles of the pages that show the picture, as they are written or as they are shown."""
    pages = db.session.scalars(select(SitePage).order_by(SitePage.id))
    return [saying.title_of(page) for page in pages if public_id in str(page.content) + str(page.shown)]


def free_slug(kind: str, title: str) -> str:
    """Return an address made of the words of a title that no page of the kind has yet."""
    wish = slugs.of(title, LONGEST_SLUG - 8) or kind
    return slugs.free(wish, slugs.taken(wish, SitePage.slug, SitePage.kind == kind))


def _added(page: SitePage) -> SitePage:
    db.session.add(page)
    db.session.flush()
    return _noted(page)


def _noted(page: SitePage) -> SitePage:
    _remember(page)
    audit.record("add", "site_page", page.id, slug=[None, page.slug])
    return page


def _blank(title: str) -> dict[str, Any]:
    return {"en": {**saying.EMPTY, "title": title, "blocks": []}}


def _say(page: SitePage, content: dict[str, Any], verb: str) -> None:
    if content != page.content:
        page.content = content
        _remember(page)
    page.version += 1
    page.updated_at = clock.now()
    audit.record(verb, "site_page", page.id, version=[page.version - 1, page.version])


def _remember(page: SitePage) -> None:
    kept = SitePageRevision(page_id=page.id, at=clock.now(), who=audit.actor(), content=deepcopy(page.content))
    db.session.add(kept)
    db.session.flush()
    old = select(SitePageRevision.id).where(SitePageRevision.page_id == page.id)
    if ids := db.session.scalars(old.order_by(SitePageRevision.id.desc()).offset(KEPT).limit(KEPT)).all():
        db.session.execute(delete(SitePageRevision).where(SitePageRevision.id.in_(ids)))


def _checked_slug(page: SitePage, typed: str) -> str:
    slug = typed.strip().lower()
    if len(slug) > LONGEST_SLUG or not slugs.SHAPE.fullmatch(slug):
        raise Refused("Use letters a to z, figures and single hyphens, for example fair-licensing.", "slug")
    if slug in slugs.taken(slug, SitePage.slug, SitePage.kind == page.kind, SitePage.id != page.id):
        raise Refused("Another page has that address. Choose another.", "slug")
    return slug
