"""The news for visitors, and as a feed."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.base import atom, locales
from crm.base.guards import public
from crm.base.public_pages import public_url
from crm.organizations import coalition
from crm.site.news import listing
from crm.site.pages import telling

bp = Blueprint("site_news", __name__)
bp.register_error_handler(410, telling.gone)
ON_HOME = 3


@bp.get("/news/")
@public
def index() -> str:
    """List the news, the newest first."""
    page = listing.page(request.args.get("page", 1, type=int))
    return render_template("site/news/index.html", page=page)


@bp.get("/news/feed.xml")
@public
def atom_feed() -> AnyResponse:
    """Return the newest of the news as a feed."""
    language, name, page = locales.language(), coalition.name(), public_url("/news/")
    itself = f"{public_url('/news/feed.xml')}?lang={language}"
    feed = atom.Feed(_("News of %(name)s", name=name), page, itself, f"{page}?lang={language}", name, language)
    answer = Response(atom.write(feed, listing.entries()), mimetype=atom.TYPE)
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/news/<slug>")
@public
def show(slug: str) -> str:
    """Show a post."""
    return telling.published("post", slug)


def on_home() -> dict[str, Any] | None:
    """Return the newest of the news for the home page; None where there is none."""
    items = listing.page(1, ON_HOME).rows
    return {"items": items} if items else None
