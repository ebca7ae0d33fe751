"""My day: what is due and overdue, who is met, who has gone stale."""

from flask import Blueprint, abort, render_template, request
from flask_login import current_user

from crm.base import clock
from crm.base.guards import requires
from crm.influencers import interactions, today
from crm.influencers.day import agenda, around

bp = Blueprint("day_staff", __name__, url_prefix="/staff/day")

SHOWN = 25
STALE_SHOWN = 10


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """Show the day, of whoever looks or of everybody."""
    day, owner_id = clock.today(current_user.zone), _owner_id()
    return render_template(
        "influencers/day/index.html",
        parts=agenda.of_day(day, owner_id, current_user, SHOWN),
        names=agenda.PARTS,
        meetings=around.meetings(day, owner_id, current_user),
        waking=around.waking(day, owner_id, current_user),
        stale=today.stale(day, owner_id, STALE_SHOWN, user=current_user),
        kinds=interactions.KINDS,
        whose="all" if owner_id is None else "mine",
        today=day,
        here=request.full_path.rstrip("?"),
    )


@bp.route("/<part>")
@requires("influencers.see")
def all_of(part: str) -> str:
    """Show all that is overdue, due today or coming, page by page."""
    title = agenda.PARTS.get(part) or abort(404)
    day, owner_id = clock.today(current_user.zone), _owner_id()
    return render_template(
        "influencers/day/part.html",
        page=agenda.of_part(part, day, owner_id, current_user, request.args.get("page", 1, type=int)),
        title=title,
        part=part,
        whose="all" if owner_id is None else "mine",
        today=day,
        here=request.full_path.rstrip("?"),
    )


def _owner_id() -> int | None:
    return None if request.args.get("whose") == "all" else current_user.id
