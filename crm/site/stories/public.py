"""The stories for visitors."""

from flask import Blueprint, render_template, request

from crm.base.guards import public
from crm.site.pages import telling
from crm.site.stories import listing

bp = Blueprint("site_stories", __name__)
bp.register_error_handler(410, telling.gone)


@bp.get("/stories/")
@public
def index() -> str:
    """List the stories, the newest first."""
    return render_template("site/stories/index.html", page=listing.page(request.args.get("page", 1, type=int)))


@bp.get("/stories/<slug>")
@public
def show(slug: str) -> str:
    """Show a story that staff wrote."""
    return telling.published("story", slug)
