"""Public addresses of mailings: counted links, and where the links of a test lead."""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from crm.base.guards import public
from crm.contacts import known
from crm.mailings.reading import counting, following, robots, trails

bp = Blueprint("mailings_public", __name__)


@bp.route("/c/<token>")
@public
def follow(token: str) -> Response:
    """Lead to the link's own address, and only there, and count it: as a person's, where a person seems to follow."""
    followed = following.find(token)
    if followed is None:
        abort(404)
    counting.count(followed, robots.of_request())
    answer = redirect(known.lead(trails.lead(followed), request.args.get(known.FIELD, "")), 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.route("/test-link")
@public
def test_link() -> str:
    """Explain that in the mailing itself this link is each recipient's own."""
    return render_template("mailings/public/test_link.html")
