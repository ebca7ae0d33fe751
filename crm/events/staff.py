"""Pages on which staff make events: list, edit, publish, cancel, follow up."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.events import following_up, holding, links, lists, needs, places, telling, writing
from crm.events.forms import EventForm, FollowUpForm
from crm.events.models import KINDS, STATES, Event
from crm.extensions import db

bp = Blueprint("events_staff", __name__, url_prefix="/staff/events")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("events.see")
def index() -> str:
    """List events, those to come or those that are over."""
    over = request.args.get("when") == "past"
    page = paginate(holding.past() if over else holding.coming(), request.args.get("page", 1, type=int))
    numbers = lists.numbers_of([event.id for event in page.rows])
    values = {"page": page, "over": over, "numbers": numbers, "kinds": KINDS, "states": STATES}
    return render_template("events/staff/index.html", **values, when=telling.when)


@bp.route("/new", methods=["GET", "POST"])
@requires("events.edit")
def new() -> Page:
    """Begin an event."""
    return _save(Event(), "New event")


@bp.route("/<int:event_id>/edit", methods=["GET", "POST"])
@requires("events.edit")
def edit(event_id: int) -> Page:
    """Change an event."""
    event = found(event_id)
    return _save(event, event.title)


@bp.route("/<int:event_id>")
@requires("events.see")
def show(event_id: int) -> str:
    """Show an event: how many come, what they need, what goes out and when."""
    event = found(event_id)
    return render_template(
        "events/staff/show.html",
        event=event,
        when=telling.when(event, "en"),
        counts=lists.counts(event),
        totals=needs.totals(event),
        languages=needs.interpretation(event),
        held=writing.waiting(event),
        offsets=writing.OFFSETS,
        public_url=links.public(event),
        over=event.ends_at <= clock.now(),
        takes_place=places.takes_place(event),
    )


@bp.post("/<int:event_id>/publish")
@requires("events.edit")
def publish(event_id: int) -> Response:
    """Let everybody see it and register."""
    return _do(event_id, holding.publish, "It is public. People can register now.")


@bp.post("/<int:event_id>/cancel")
@requires("events.edit")
def cancel(event_id: int) -> Response:
    """Call it off, and tell all who registered."""
    return _do(event_id, holding.cancel, "Canceled. All who registered are told within a minute.")


@bp.post("/<int:event_id>/delete")
@requires("events.edit")
def delete(event_id: int) -> Response:
    """Delete a draft."""
    event = found(event_id)
    try:
        holding.delete(event)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".show", event_id=event_id))
    db.session.commit()
    flash("The draft is deleted.", "success")
    return redirect(url_for(".index"))


@bp.post("/<int:event_id>/release")
@requires("events.edit")
def release(event_id: int) -> Response:
    """Let the mail go out that is held since a backup was restored."""
    return _do(event_id, holding.release, "What waited goes out within a minute.")


@bp.route("/<int:event_id>/follow-up", methods=["GET", "POST"])
@requires("events.edit")
def follow_up(event_id: int) -> Page:
    """Write what registrants get after the event."""
    event = found(event_id)
    form = FollowUpForm(obj=event)
    if form.saves(event, following_up.save):
        db.session.commit()
        flash("Saved. Nothing was sent yet.", "success")
        return redirect(url_for(".follow_up", event_id=event.id))
    told = {"counts": following_up.counts(event), "over": lists.took_place(event)}
    told |= {"why_not": following_up.why_not(event)}
    return render_template("events/staff/follow_up.html", event=event, form=form, **told), form.status


@bp.post("/<int:event_id>/follow-up/send")
@requires("events.edit")
def send_follow_up(event_id: int) -> Response:
    """Send it to all who registered."""
    return _do(event_id, following_up.send, "It goes out within a minute, once to each.")


def found(event_id: int) -> Event:
    """Return the event of that id, or end with 404."""
    return db.session.get(Event, event_id) or abort(404)


def _save(event: Event, title: str) -> Page:
    form = EventForm(event)
    before = event.sequence if event.id else None
    if form.saves(event, form.save):
        db.session.commit()
        told = before is not None and event.sequence > before and places.takes_place(event)
        more = " Who registered gets the new time or place by mail, with a new calendar file." if told else ""
        flash(f"{event.title} is saved.{more}", "success")
        return redirect(url_for(".show", event_id=event.id))
    return render_template("events/staff/edit.html", form=form, event=event, title=title), form.status


def _do(event_id: int, act: Callable[[Event], None], done: str) -> Response:
    event = found(event_id)
    try:
        act(event)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(done, "success")
    back = ".follow_up" if act is following_up.send else ".show"
    return redirect(url_for(back, event_id=event_id))
