"""Pages of copies of mail: those that wait to be sorted, and the address for them."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import pages
from crm.base.changes import Refused
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.inbound import keeping, recognizing, signed
from crm.influencers.inbound.forms import AssignForm
from crm.influencers.inbound.models import InboundMail

bp = Blueprint("inbound_staff", __name__, url_prefix="/staff/inbound")

Page = str | Response | tuple[str, int]
PER_PAGE = 20


@bp.route("/")
@requires("influencers.edit")
def index() -> str:
    """Show the mails that wait for whoever looks to say whom they are with."""
    return _listed()


@bp.route("/<int:mail_id>/assign", methods=["POST"])
@requires("influencers.edit")
def assign(mail_id: int) -> Page:
    """Log a mail that waits with the people named."""
    mail, form = _found(mail_id), AssignForm(prefix=f"m{mail_id}")
    if form.validate():
        try:
            interaction = keeping.assign(mail, form.participants.data or "", current_user)
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash(f"Logged with {interaction.contact.name}.", "success")
            return redirect(url_for(".index"))
    return _listed(mail_id, form), 422


@bp.route("/<int:mail_id>/discard", methods=["POST"])
@requires("influencers.edit")
def discard(mail_id: int) -> Response:
    """Forget a mail for good, and the interaction that it was logged as."""
    done = keeping.discard(_found(mail_id))
    db.session.commit()
    flash("The mail is discarded." if done else "The mail was discarded already.", "success")
    return redirect(url_for(".index"))


@bp.route("/address", methods=["POST"])
@requires("influencers.edit")
def renew() -> Response:
    """Give whoever asks a new address for copies, which ends the present one."""
    done = signed.renew(current_user, row_number(request.form.get("seen", "")))
    db.session.commit()
    flash("You have a new address for copies of mail." if done else "The address was new already.", "success")
    return redirect(url_for("accounts_staff.me"))


def _listed(tried_id: int = 0, tried: AssignForm | None = None) -> str:
    """Render the list; `tried` is the form of one mail that was refused."""
    page = pages.paginate(keeping.unsorted(current_user), request.args.get("page", 1, type=int), per_page=PER_PAGE)
    named = recognizing.suggested(page.rows, current_user)
    forms = {one.id: AssignForm(formdata=None, prefix=f"m{one.id}", participants=named[one.id]) for one in page.rows}
    if tried:
        forms[tried_id] = tried
    return render_template(
        "influencers/inbound/unsorted.html",
        page=page,
        forms=forms,
        form=tried,
        why=keeping.WHY,
        address=signed.address_of(current_user),
    )


def _found(mail_id: int) -> InboundMail:
    return keeping.find(mail_id, current_user) or abort(404)
