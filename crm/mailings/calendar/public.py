"""/calendar/<token>.ics: where calendar programs fetch what a user may see, without a login."""

from datetime import timedelta

from flask import Blueprint, Response, abort, request

from crm.base import limits, networks, signing
from crm.base.guards import public
from crm.extensions import db
from crm.mailings.calendar import feed as links
from crm.mailings.calendar import ics
from crm.organizations import coalition

bp = Blueprint("calendar_public", __name__)

HOUR = timedelta(hours=1)
MOST_A_HOUR = 60


@bp.route("/calendar/<token>.ics")
@public
def feed(token: str) -> Response:
    """Answer with the calendar file; 410 where the link has ended, 404 where there never was such a link."""
    try:
        user = links.owner(token)
    except signing.InvalidToken:
        return _busy(f"network {networks.of_request()}") or abort(404)
    if user is None:
        return _busy(f"network {networks.of_request()}") or abort(410)
    if busy := _busy(f"user {user.id}"):
        return busy
    mine = request.args.get("whose") == "mine"
    answer = Response(ics.of(user, mine=mine, name=coalition.name()))
    answer.content_type = "text/calendar; charset=utf-8"
    answer.headers["Cache-Control"] = "private, max-age=900"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _busy(whose: str) -> Response | None:
    """Count the call, and return the answer to one too many."""
    db.session.rollback()  # The count must be the first statement of its transaction (see base.database).
    allowed = limits.allow(f"calendar {whose}", MOST_A_HOUR, HOUR)
    db.session.commit()
    if allowed:
        return None
    words = "Too many calls. Once an hour is enough.\n"
    return Response(words, 429, {"Retry-After": "3600"}, content_type="text/plain")
