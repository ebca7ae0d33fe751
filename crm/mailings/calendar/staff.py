"""Pages of the calendar: a month as a sheet or a list, moving an entry, the link for calendar programs."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import clock, wall_clock
from crm.base.calendars import Move, NotMoved
from crm.base.forms import first_error, row_or_none
from crm.base.guards import requires
from crm.campaigns import registry
from crm.extensions import db
from crm.mailings.calendar import entries, feed, overlaps, screens, sheet
from crm.mailings.calendar.forms import MoveForm
from crm.mailings.models import Mailing

bp = Blueprint("calendar_staff", __name__, url_prefix="/staff/calendar")

Page = str | AnyResponse | tuple[str | Response, int]


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """Show a month."""
    today = clock.today(current_user.zone)
    month = sheet.month_of(request.args.get("month", ""), today)
    campaign_id = request.args.get("campaign", type=row_or_none)
    mine = request.args.get("whose") == "mine"
    wanted = sheet.Wanted(month, mine, campaign_id, request.args.get("what", ""))
    values: dict[str, Any] = {"wanted": wanted, "today": today, "here": screens.here(), "weekdays": sheet.WEEKDAYS}
    values |= {"kinds": sheet.kinds(current_user), "campaigns": registry.choices("Any"), "most": sheet.SHOWN}
    values |= {"before_after": sheet.beside(month), "moved": session.pop(screens.MOVED, None)}
    editor = current_user.may("mailings.edit")
    values |= {"sheet": sheet.of(wanted, current_user), "undated": entries.undated(current_user) if editor else []}
    view = "list" if request.args.get("view") == "list" else "month"
    return render_template(f"mailings/calendar/{view}.html", **values, view=view)


@bp.route("/<kind>/<int:entry_id>/move", methods=["GET", "POST"])
@requires("mailings.edit")
def move(kind: str, entry_id: int) -> Page:
    """Move an entry to another day; where somebody else did meanwhile, say so."""
    source, entry = screens.find(kind, entry_id)
    if request.method == "GET":
        return screens.move_page(kind, entry, MoveForm(formdata=None, day=entry.day, seen=entry.seen))
    form = MoveForm()
    if not form.validate():
        return screens.refused(kind, entry, form, NotMoved(first_error(form), entry))
    wanted = Move(form.day.data, form.seen.data or "", request.form.get("known", ""))
    try:
        moved = source.move(entry_id, wanted, current_user)  # type: ignore[misc]
    except NotMoved as refusal:
        db.session.rollback()
        return screens.refused(kind, entry, form, refusal)
    db.session.commit()
    return screens.done(kind, moved)


@bp.route("/mailings/<int:mailing_id>/overlap")
@requires("mailings.see")
def overlap(mailing_id: int) -> str:
    """Return the part of the review that tells what else goes on the day that is typed; nothing for no such day."""
    mailing, found = db.get_or_404(Mailing, mailing_id), None
    try:
        planned = wall_clock.plan(request.args.get("at", ""), request.args.get("zone", ""))
        found = overlaps.look(mailing, overlaps.day_of(planned), planned.zone)
    except wall_clock.BadTime:
        pass
    return render_template("mailings/calendar/overlap.html", overlap=found)


@bp.route("/link")
@requires("mailings.see")
def link() -> str:
    """Show the secret link, or how to get one."""
    addresses = {"all": feed.address_of(current_user), "mine": feed.address_of(current_user, "mine")}
    return render_template("mailings/calendar/link.html", addresses=addresses)


@bp.route("/link/new", methods=["POST"])
@requires("mailings.see")
def new_link() -> AnyResponse:
    """Give whoever asks a link, which ends the one before."""
    feed.renew(current_user)
    db.session.commit()
    flash("This is your link. One that you had before has ended.", "success")
    return redirect(url_for(".link"))


@bp.route("/link/end", methods=["POST"])
@requires("mailings.see")
def end_link() -> AnyResponse:
    """End the link."""
    done = feed.end(current_user)
    db.session.commit()
    flash("The link has ended; calendars get nothing by it any more." if done else "There is no link.", "success")
    return redirect(url_for(".link"))
