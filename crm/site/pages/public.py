"""Pages for visitors."""

from flask import Blueprint, render_template

from crm.base import locales
from crm.base.guards import public
from crm.goals import progress
from crm.organizations import coalition
from crm.site import home
from crm.site.pages import places, telling

bp = Blueprint("site_content", __name__)
bp.register_error_handler(410, telling.gone)


@bp.get("/about")
@public
def about() -> str:
    """Tell who the coalition is: what staff wrote, or else what the program knows."""
    page = places.fixed("about")
    if page is not None and page.shown:
        return telling.page(page, page.shown)
    first, rest = home.headline(coalition.current(), locales.language())
    values = {"goal": progress.public_goal(), "members": home.members(), "headline": first, "rest": rest}
    return render_template("site/public/about.html", **values)


@bp.get("/pages/<slug>")
@public
def show(slug: str) -> str:
    """Show a page."""
    return telling.published("page", slug)
