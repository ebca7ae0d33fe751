"""The stories for visitors."""

from flask import Blueprint, abort, render_template, request

from crm.base.guards import public
from crm.site.pages import places, telling
from crm.site.stories import listing

bp = Blueprint("site_stories", __name__)


@bp.get("/stories/")
@public
def index() -> str:
    """List the stories, the newest first."""
    return render_template("site/stories/index.html", page=listing.page(request.args.get("page", 1, type=int)))


@bp.get("/stories/<slug>")
@public
def show(slug: str) -> str:
    """Show a story that staff wrote."""
    page = places.named("story", slug) or abort(404)
    return telling.page(page, page.shown) if page.shown else abort(410)


@bp.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that a story was taken off the site."""
    return render_template("site/pages/gone.html"), 410
