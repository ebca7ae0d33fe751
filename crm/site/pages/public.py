"""Pages for visitors."""

from flask import Blueprint, abort, render_template

from crm.base import locales
from crm.base.guards import public
from crm.goals import progress
from crm.organizations import coalition
from crm.site import home
from crm.site.pages import places, telling

bp = Blueprint("site_content", __name__)


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
    page = places.named("page", slug) or abort(404)
    return telling.page(page, page.shown) if page.shown else abort(410)


@bp.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that a page was taken off the site."""
    return render_template("site/pages/gone.html"), 410
