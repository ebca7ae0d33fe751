"""Pages where a mailing is reviewed, scheduled, watched and stopped."""

from collections.abc import Callable
from functools import partial

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import database, wall_clock
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.wall_clock import BadTime
from crm.delivery import pruned
from crm.extensions import db
from crm.influencers import access
from crm.mailings import audience, checks, previewing, scheduling, sending_progress
from crm.mailings.approval import gate
from crm.mailings.approval import page as approval_page
from crm.mailings.approval.forms import NoteForm
from crm.mailings.archive import archiving
from crm.mailings.calendar import moving, overlaps
from crm.mailings.capping import telling as cap
from crm.mailings.checking import board
from crm.mailings.comparing import staff as comparing
from crm.mailings.forms import GoOnForm, ScheduleForm
from crm.mailings.models import KINDS, Mailing
from crm.mailings.report import headline, people
from crm.mailings.report import staff as report
from crm.mailings.sequences import using
from crm.mailings.staff import bp
from crm.mailings.trials.forms import TrialForm
from crm.mailings.waves import telling


@bp.route("/<int:mailing_id>/review")
@requires("mailings.see")
def review(mailing_id: int) -> str | Response:
    """Show the checks, the audience, and the ways to test, approve and schedule."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if mailing.state not in ("draft", "scheduled"):
        return redirect(url_for(".show", mailing_id=mailing_id))
    return review_page(mailing)


@bp.route("/<int:mailing_id>/schedule", methods=["POST"])
@requires("mailings.send")
def schedule(mailing_id: int) -> str | Response:
    """Schedule it for a date and time in a zone, or for now."""
    mailing = db.get_or_404(Mailing, mailing_id)
    form, planned = ScheduleForm(), None
    form.validate()
    try:
        planned = form.planned(request.form.get("when", "later"))
        overlaps.require_known(mailing, planned, request.form.get("known", ""))
        scheduling.schedule(mailing, planned, timing=form.timing(), version=form.opened_on, **form.numbers())
    except (BadTime, checks.NotReady, scheduling.OutOfStep, overlaps.NotKnown) as error:
        if mailing.state not in ("draft", "scheduled"):
            flash(str(error), "error")
            return redirect(url_for(".show", mailing_id=mailing_id))
        about = "typed" if isinstance(error, gate.Unconfirmed) else getattr(error, "field", "")
        form.refuse(about, str(error))
        if isinstance(error, scheduling.OutOfStep):
            form.show_again(mailing.version, {})
        return review_page(mailing, form=form, planned=planned)
    db.session.commit()
    flash(f"Scheduled. {planned.note}".strip())
    return redirect(url_for(".show", mailing_id=mailing_id))


@bp.route("/<int:mailing_id>/take-back", methods=["POST"])
@requires("mailings.send")
def take_back(mailing_id: int) -> Response:
    """Make a scheduled mailing a draft again."""
    return _change(mailing_id, scheduling.take_back, "It is a draft again.", ".edit")


@bp.route("/<int:mailing_id>/pause", methods=["POST"])
@requires("mailings.send")
def pause(mailing_id: int) -> Response:
    """Hold back what was not sent yet."""
    return _change(mailing_id, scheduling.pause, "Paused. What was not sent yet waits.")


@bp.route("/<int:mailing_id>/resume", methods=["POST"])
@requires("mailings.send")
def resume(mailing_id: int) -> Response:
    """Go on where it was paused, where a segment was edited since with the audience that the page showed."""
    form = GoOnForm()
    digest, numbers = form.audience_digest.data or "", form.numbers()
    return _change(mailing_id, lambda it: scheduling.resume(it, audience_digest=digest, **numbers), "It goes on.")


@bp.route("/<int:mailing_id>/cancel", methods=["POST"])
@requires("mailings.send")
def cancel(mailing_id: int) -> Response:
    """Stop it for good."""
    return _change(mailing_id, scheduling.cancel, "Canceled. What was sent already stays sent.")


@bp.route("/<int:mailing_id>/uncertain/send", methods=["POST"])
@requires("mailings.send")
def send_uncertain(mailing_id: int) -> Response:
    """Send the held copies again."""
    return _change(mailing_id, scheduling.send_uncertain_again, "The held copies are sent again.")


@bp.route("/<int:mailing_id>/uncertain/accept", methods=["POST"])
@requires("mailings.send")
def accept_uncertain(mailing_id: int) -> Response:
    """Count the held copies as sent."""
    return _change(mailing_id, scheduling.count_uncertain_as_sent, "The held copies count as sent.")


@bp.route("/<int:mailing_id>")
@requires("mailings.see")
def show(mailing_id: int) -> str | Response:
    """Show how far it is, and the report."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if mailing.state == "draft":
        return redirect(url_for(".review", mailing_id=mailing_id))
    values = {"mailing": mailing, "report": sending_progress.report(mailing), "kinds": KINDS}
    values |= previewing.values(mailing, request.args)
    values |= {"when": telling.when(mailing), "goes_out": telling.goes_out(mailing)}
    values |= {"capped": cap.after(mailing), "archive": archiving.place_of(mailing)}
    values["edited"] = approval_page.of_edited(mailing)
    values["people"] = [
        (people.LABELS[name], f"{number:,}", report.rows_url(mailing, name) if number else "")
        for name, number in headline.of(mailing).items()
    ]
    values["gone"] = pruned.told(sending_progress.gone(mailing))
    values |= telling.told(mailing) | {"approved_by": approval_page.approved_by(mailing)} | comparing.values(mailing, 0)
    return render_template("mailings/staff/show.html", **values, audience=audience.describe(mailing))


@bp.route("/<int:mailing_id>/progress")
@requires("mailings.see")
def progress(mailing_id: int) -> Response:
    """Return the part of the page that htmx asks for while it is sent."""
    mailing = db.get_or_404(Mailing, mailing_id)
    answer = make_response(
        render_template(
            "mailings/staff/progress.html",
            mailing=mailing,
            report=sending_progress.report(mailing),
            goes_out=telling.goes_out(mailing),
        )
    )
    if request.args.get("state", mailing.state) != mailing.state:
        answer.headers["HX-Refresh"] = "true"  # The buttons above are those of another state.
    return answer


@bp.route("/<int:mailing_id>/deliveries")
@requires("mailings.see")
def deliveries(mailing_id: int) -> str:
    """List the copies of a mailing, perhaps of one state."""
    mailing = db.get_or_404(Mailing, mailing_id)
    state = request.args.get("state", "")
    query = sending_progress.deliveries(mailing, state if state in sending_progress.TABS else None)
    page = paginate(query, request.args.get("page", 1, type=int))
    values = {
        "mailing": mailing,
        "page": page,
        "state": state,
        "labels": sending_progress.LABELS,
        "tabs": sending_progress.TABS,
    }
    gone = pruned.told(sending_progress.gone(mailing, state if state in sending_progress.TABS else None))
    return render_template("mailings/staff/deliveries.html", **values, gone=gone)


def _change(mailing_id: int, act: Callable[[Mailing], object], done: str, then: str = ".show") -> Response:
    mailing = db.get_or_404(Mailing, mailing_id)
    try:
        act(mailing)
    except (scheduling.OutOfStep, checks.NotReady) as error:
        db.session.rollback()
        flash(str(error), "error")
        return redirect(url_for(".show", mailing_id=mailing_id))
    db.session.commit()
    flash(done)
    return redirect(url_for(then, mailing_id=mailing_id))


def review_page(
    mailing: Mailing,
    form: ScheduleForm | None = None,
    trial: TrialForm | None = None,
    note: NoteForm | None = None,
    planned: wall_clock.Planned | None = None,
) -> str:
    """Return the page of the review; a form that was refused is shown again with what was typed."""
    with database.looking():
        begin = {"version": mailing.version, "zone": current_user.zone}
        begin["at"] = moving.time_offered(mailing, current_user.zone)
        form = form or ScheduleForm(formdata=None, data=begin | telling.chosen(mailing))
        trial = trial or TrialForm(formdata=None, data={"reviewers": [current_user.id]})
        reach, step = audience.reach(mailing), using.step_of(mailing.id)
        form.shown.data = str(reach.recipients)
        values = {"mailing": mailing, "form": form, "trial": trial, "kinds": KINDS, "reach": reach, "step": step}
        values["when"] = telling.when(mailing)
        values |= {"seen": partial(access.seen, current_user), "why": partial(audience.why, mailing)}
        values |= {"planned_on": moving.of(mailing), "overlap": moving.overlap_of(mailing, planned, current_user)}
        values |= {"cap": cap.before(mailing), "archive": archiving.place_of(mailing)}
        sample = [] if reach.gone else audience.sample(mailing)
        values |= {"checks": checks.look(mailing, reach), "sample": sample}
        values |= previewing.values(mailing, request.args, sample)
        values |= approval_page.values(mailing, reach.recipients, note) | board.values(mailing)
        values |= comparing.values(mailing, reach.recipients)
        values["audience"] = using.whom(step) if step else audience.describe(mailing)
        return render_template("mailings/staff/review.html", **values)
