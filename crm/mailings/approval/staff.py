"""Asking for approval of a mailing, and answering; the rules of it, for admins."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import database
from crm.base.guards import requires
from crm.extensions import db
from crm.mailings import audience, checks
from crm.mailings.approval import approving, people, rules
from crm.mailings.approval.forms import NoteForm, RulesForm
from crm.mailings.approval.page import NOTE
from crm.mailings.models import Mailing
from crm.mailings.staff_sending import review_page

bp = Blueprint("mailing_approval_staff", __name__, url_prefix="/staff")

Page = str | Response | tuple[str, int]


@bp.route("/mailings/<int:mailing_id>/approval/ask", methods=["POST"])
@requires("mailings.edit")
def ask(mailing_id: int) -> Page:
    """Ask those who may approve it to do so."""
    return _act(mailing_id, _ask, "Those who may approve it are asked by e-mail.")


@bp.route("/mailings/<int:mailing_id>/approval/approve", methods=["POST"])
@requires("mailings.send")
def approve(mailing_id: int) -> Page:
    """Approve the version that was seen."""
    return _act(mailing_id, _approve, "Approved. It can be scheduled as it is.")


@bp.route("/mailings/<int:mailing_id>/approval/return", methods=["POST"])
@requires("mailings.send")
def give_back(mailing_id: int) -> Page:
    """Return it with a note."""
    return _act(mailing_id, _give_back, "Returned. Whoever asked gets your note by e-mail.")


@bp.route("/settings/mailings", methods=["GET", "POST"])
@requires("settings.edit")
def edit_rules() -> Page:
    """Set from which size on a mailing needs approval, and what else comes before it goes."""
    found = rules.row() if request.method == "POST" else rules.current()
    form = RulesForm(obj=found)
    if form.saves(found, rules.save):
        db.session.commit()
        flash("The rules are saved.", "success")
        return redirect(url_for(".edit_rules"))
    return render_template("mailings/approval/rules.html", form=form, senders=people.senders()), form.status


def _act(mailing_id: int, act: Callable[[Mailing, NoteForm], None], done: str) -> Page:
    mailing = db.get_or_404(Mailing, mailing_id)
    form = NoteForm(prefix=NOTE)
    if not form.validate():
        return review_page(mailing, note=form), 422
    try:
        act(mailing, form)
    except (approving.Refused, checks.NotReady) as error:
        db.session.rollback()
        form.refuse("", str(error))
        form.show_again(mailing.version, {})
        return review_page(mailing, note=form), 409
    db.session.commit()
    flash(done)
    return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))


def _ask(mailing: Mailing, form: NoteForm) -> None:
    with database.looking():
        found = db.session.get_one(Mailing, mailing.id, populate_existing=True)
        checks.require(found)
        recipients = audience.reach(found).recipients
    approving.ask(mailing, current_user, form.note.data or "", form.opened_on, recipients)


def _approve(mailing: Mailing, form: NoteForm) -> None:
    approving.approve(mailing, current_user, form.note.data or "", form.opened_on)


def _give_back(mailing: Mailing, form: NoteForm) -> None:
    approving.give_back(mailing, current_user, form.note.data or "", form.opened_on)
