"""Sending tests of a mailing."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.mailings import checks
from crm.mailings.models import Mailing
from crm.mailings.staff import contact_at
from crm.mailings.staff_sending import review_page
from crm.mailings.trials import sending
from crm.mailings.trials.forms import TrialForm

bp = Blueprint("mailing_trials_staff", __name__, url_prefix="/staff/mailings")


@bp.route("/<int:mailing_id>/test", methods=["POST"])
@requires("mailings.edit")
def send_test(mailing_id: int) -> str | Response:
    """Send a copy to each of some reviewers, as a chosen contact would get it."""
    mailing = db.get_or_404(Mailing, mailing_id)
    form = TrialForm()
    if not form.validate_on_submit():
        return review_page(mailing, trial=form)
    try:
        contact = contact_at(form.as_contact.data or "")
        sent = sending.send(mailing, form.addresses(), contact, form.note.data or "")
    except (checks.NotReady, sending.TooMany, ValueError) as error:
        db.session.rollback()
        form.form_errors.append(str(error))
        return review_page(mailing, trial=form)
    db.session.commit()
    flash(f"A test is on its way to {sent[0] if len(sent) == 1 else f'{len(sent)} reviewers'}.")
    return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))
