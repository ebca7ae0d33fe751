"""Pages of who works in an office."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.offices import staffing
from crm.influencers.offices.forms import NewOfficeContactForm, OfficeContactForm
from crm.influencers.offices.models import OfficeContact
from crm.influencers.offices.staff import found

bp = Blueprint("office_contacts_staff", __name__, url_prefix="/staff/influencers/offices")

Page = str | Response | tuple[str, int]


@bp.route("/<int:office_id>/contacts/new", methods=["GET", "POST"])
@requires("influencers.edit")
def new(office_id: int) -> Page:
    """Add somebody who works in the office."""
    office, form = found(office_id), NewOfficeContactForm()
    if form.validate_on_submit():
        try:
            today = clock.today(current_user.zone)
            one = staffing.add(office, form.person(), form.email.data, form.work(), today)
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash(f"{one.contact.name} is on record.", "success")
            return redirect(url_for("offices_staff.show", office_id=office_id, _anchor="contacts"))
    return render_template("influencers/offices/contact.html", form=form, office=found(office_id), one=None)


@bp.route("/contacts/<int:number>", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(number: int) -> Page:
    """Change what somebody does in the office."""
    one = _found(number)
    form = OfficeContactForm(obj=one)
    if form.saves(one, staffing.edit):
        db.session.commit()
        flash("Saved.", "success")
        return redirect(url_for("offices_staff.show", office_id=one.office_id, _anchor="contacts"))
    return render_template("influencers/offices/contact.html", form=form, office=one.office, one=one), form.status


@bp.route("/contacts/<int:number>/leave", methods=["POST"])
@requires("influencers.edit")
def leave(number: int) -> Response:
    """Note that somebody works there no more."""
    one = _found(number)
    left = staffing.leave(one, clock.today(current_user.zone))
    db.session.commit()
    flash(f"{one.contact.name} works there no more." if left else f"{one.contact.name} had left already.", "success")
    return redirect(url_for("offices_staff.show", office_id=one.office_id, _anchor="contacts"))


def _found(number: int) -> OfficeContact:
    return db.session.get(OfficeContact, number) or abort(404)
