"""Public addresses of mailings: counted links, and where the links of a test lead."""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from crm.base.guards import public
from crm.mailings import links

bp = Blueprint("mailings_public", __name__)


@bp.route("/c/<token>")
@public
def follow(token: str) -> Response:
    """Lead to the link's own address, and only there; count it where a person seems to follow."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    person = links.is_person(request.method, request.user_agent.string, purpose)
    url = links.follow(token, count=person)
    if url is None:
        abort(404)
    answer = redirect(url, 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.route("/test-link")
@public
def test_link() -> str:
    """Explain that in the mailing itself this link is each recipient's own."""
    return render_template("mailings/public/test_link.html")
