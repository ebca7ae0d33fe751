"""The page that forgets a person."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.contacts.forgetting import forgetting
from crm.contacts.forgetting.forms import ForgetForm
from crm.contacts.models import Contact
from crm.extensions import db

bp = Blueprint("forgetting_staff", __name__, url_prefix="/staff/people/<int:contact_id>/forget")

Page = str | Response | tuple[str, int]


@bp.route("/", methods=["GET", "POST"])
@requires("contacts.forget")
def forget(contact_id: int) -> Page:
    """Forget a person for good, once the word is typed."""
    contact, form = db.session.get(Contact, contact_id) or abort(404), ForgetForm()
    if form.validate_on_submit():
        try:
            files = forgetting.forget(contact, form.reason.data)
        except Refused as refusal:
            db.session.rollback()
            form.word.errors = [str(refusal)]
        else:
            db.session.commit()
            for path in files:
                path.unlink(missing_ok=True)
            flash("The person is forgotten. Only that the address gets no mail from us is kept.", "success")
            return redirect(url_for("contacts_staff.index"))
    page = render_template("contacts/staff/forget.html", contact=contact, form=form)
    return page, 422 if form.errors else 200
