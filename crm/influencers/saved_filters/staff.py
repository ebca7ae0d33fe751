"""Pages of saved filters: all of them, a new one, and deleting one."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import ledger, screens
from crm.influencers.saved_filters import saving, words
from crm.influencers.saved_filters.forms import SaveFilterForm

bp = Blueprint("ask_filters_staff", __name__, url_prefix="/staff/asks/filters")

Page = str | Response


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """List the saved filters, each with what it says."""
    filters = [(one, words.of(one.wanted), saving.may_delete(one, current_user)) for one in saving.seen(current_user)]
    return render_template("influencers/saved_filters.html", filters=filters)


@bp.route("/new", methods=["GET", "POST"])
@requires("influencers.see")
def new() -> Page:
    """Save the filter that the address names, as the ledger leads here with its own."""
    wanted, form = screens.filters(ledger.FILTERS), SaveFilterForm()
    if not wanted:
        flash("Filter the ledger first, then save the filter.", "error")
        return redirect(url_for("asks_staff.index"))
    if form.validate_on_submit():
        try:
            saving.save(current_user, wanted=wanted, **form.values())
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash(f"The filter “{form.values()['name']}” is saved.", "success")
            return redirect(url_for("asks_staff.index", **wanted))  # type: ignore[arg-type]
    return render_template("influencers/save_filter.html", form=form, wanted=wanted, said=words.of(wanted))


@bp.route("/<int:filter_id>/delete", methods=["POST"])
@requires("influencers.see")
def delete(filter_id: int) -> Response:
    """Delete a saved filter."""
    saved = saving.find(filter_id, current_user) or abort(404)
    saving.delete(saved)
    db.session.commit()
    flash(f"The filter “{saved.name}” is deleted. The asks are as they were.", "success")
    return redirect(url_for(".index"))
