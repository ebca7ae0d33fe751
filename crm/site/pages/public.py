"""Pages and stories for visitors."""

from flask import Blueprint, abort, render_template

from crm.base import locales
from crm.base.guards import public
from crm.extensions import db
from crm.goals import progress
from crm.organizations import coalition
from crm.site import home
from crm.site.pages import places, saying, telling
from crm.site.pages.models import SitePage

bp = Blueprint("site_content", __name__)
stories = Blueprint("site_stories", __name__)


@bp.get("/about")
@public
def about() -> str:
    """Tell who the coalition is: what staff wrote, or else what the program knows."""
    page = places.fixed("about")
    if page is not None and page.shown:
        return telling.page(page, page.shown)
    found = coalition.current()
    first, rest = home.headline(found, locales.language()) if found else ("Groundswell", "")
    values = {"goal": progress.public_goal(), "members": home.members(), "headline": first, "rest": rest}
    return render_template("site/public/about.html", **values)


@bp.get("/pages/<slug>")
@public
def show(slug: str) -> str:
    """Show a page."""
    return _shown("page", slug)


@stories.get("/stories/")
@public
def index() -> str:
    """List the stories, the newest first."""
    pages = db.session.scalars(places.shown("story")).all()
    found = [(page, saying.said(page.shown or {}, locales.language(), page.language)) for page in pages]
    return render_template("site/pages/stories.html", found=found, path_of=places.path_of)


@stories.get("/stories/<slug>")
@public
def story(slug: str) -> str:
    """Show a story."""
    return _shown("story", slug)


@bp.errorhandler(410)
@stories.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that a page was taken off the site."""
    return render_template("site/pages/gone.html"), 410


def any_story() -> bool:
    """Tell whether there is a story to read."""
    return db.session.scalar(places.shown("story").with_only_columns(SitePage.id).limit(1)) is not None


def _shown(kind: str, slug: str) -> str:
    page = places.named(kind, slug) or abort(404)
    return telling.page(page, page.shown) if page.shown else abort(410)
