"""Logging from anywhere, in a few seconds."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts.destinations import own_page
from crm.base import clock
from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import approaches, finding, interactions, screens
from crm.influencers.day import settling
from crm.influencers.day.forms import QuickLogForm
from crm.influencers.models import Influencer

bp = Blueprint("quick_log_staff", __name__, url_prefix="/staff/log")

Page = str | Response | tuple[str, int]


@bp.route("/", methods=["GET", "POST"])
@requires("influencers.edit")
def log() -> Page:
    """Keep what happened, with whoever is typed, and go back to where one came from."""
    form = QuickLogForm(**_beginnings())
    if not form.is_submitted():
        return _page(form)
    valid, influencer = form.validate(), form.find()
    if not valid or influencer is None:
        return _page(form, influencer), 422
    typed, today = form.participants.data or "", clock.today(current_user.zone)
    try:
        near = approaches.to_all(influencer, typed, current_user, form.days, today)
        if form.show_approaches(near):
            return _page(form, influencer, near), 409
        interactions.log(influencer.contact, user=current_user, **form.values())
    except interactions.Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return _page(form, influencer), 422
    settled = _settle()
    db.session.commit()
    flash(f"Logged with {influencer.name}.{settled}", "success")
    home = url_for("influencers_staff.show", influencer_id=influencer.id)
    return redirect(own_page(request.form["back"]) if request.form.get("back") else home)


def _beginnings() -> dict[str, object]:
    """Return what the form begins with: a call of today, with the one whom the address names."""
    number = request.args.get("influencer", type=row_or_none)
    influencer = screens.find(number) if number and request.method == "GET" else None
    named = {"who": finding.label(influencer), "influencer_id": influencer.id} if influencer else {}
    return {"kind": "call", "held_on": clock.today(current_user.zone), **named}


def _settle() -> str:
    """Tick off what the talk settled, where that is said; return a word about it."""
    about = settling.find(request.form.get("about", ""), current_user)
    if about is None or "done" not in request.form:
        return ""
    settling.complete(about, current_user)
    return f" Done: {settling.title(about)}"


def _page(form: QuickLogForm, influencer: Influencer | None = None, near: Sequence[approaches.Approach] = ()) -> str:
    about = request.values.get("about", "")
    settled = settling.find(about, current_user) if about else None
    return render_template(
        "influencers/day/log.html",
        about=about,
        settles=settling.title(settled) if settled else "",
        form=form,
        influencer=influencer,
        near=near,
        warned=bool(near),
        coordinator=approaches.coordinator(influencer) if near and influencer else None,
        offers=finding.offers(current_user),
        back=_came_from(),
    )


def _came_from() -> str:
    """Return the page to go back to: the one that was named, or that led here; none from outside."""
    if named := request.values.get("back"):
        return own_page(named)
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or came.path == url_for(".log"):
        return ""
    return own_page(f"{came.path}?{came.query}" if came.query else came.path)
