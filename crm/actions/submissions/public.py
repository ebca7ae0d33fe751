"""The page of a story that somebody sent."""

from flask import Blueprint, abort, render_template, request

from crm.actions import pages
from crm.actions.submissions import stories
from crm.base import sharing
from crm.base.guards import public
from crm.contacts import links
from crm.contacts.sources import Trail

bp = Blueprint("submissions_public", __name__)


@bp.get("/actions/<slug>/stories/<int:number>")
@public
def story(slug: str, number: int) -> str:
    """Show a story; whoever took theirs back is not told of any more."""
    row = stories.named(slug, number) or abort(404)
    url = links.passed_on(stories.path_of(row), Trail.of(request.args), lang=row.language)
    ways = sharing.ways(url, f"{row.published_title} {url}", row.published_title)
    values = {"row": row, "said": stories.shortened(row), "told": pages.told(row.action), "ways": ways}
    return render_template("actions/submissions/story.html", **values)
