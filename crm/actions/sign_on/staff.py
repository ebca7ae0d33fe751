"""Pages where staff accept organizations, sign for their own, and keep the delivery of the letter."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.actions import offers, opening
from crm.actions.models import Action
from crm.actions.sign_on import answering, delivering, further, sheets, signing, typesetting
from crm.actions.sign_on.forms import DeliveryForm, MemberForm
from crm.actions.sign_on.models import LetterDelivery, SignOn
from crm.base import changes, clock
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.locales import LANGUAGES
from crm.base.pages import paginate
from crm.extensions import db

bp = Blueprint("sign_on_staff", __name__, url_prefix="/staff/actions/<int:action_id>/organizations")

Page = str | AnyResponse | tuple[str, int]


@bp.route("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List the organizations, those that wait first."""
    return _list(_letter(action_id), MemberForm(), DeliveryForm(delivered_on=clock.today(current_user.zone)))


@bp.route("/<int:sign_on_id>", methods=["POST"])
@requires("actions.edit")
def decide(action_id: int, sign_on_id: int) -> AnyResponse:
    """Accept or decline an organization."""
    row = db.session.get(SignOn, sign_on_id)
    if row is None or row.action_id != action_id:
        abort(404)
    changes.lock(row)  # Whoever signed may be taking it back just now.
    if not signing.may_decide(row, current_user):
        abort(403)
    state = request.form.get("to", "")
    if state not in (signing.ACCEPTED, signing.DECLINED) or row.state == signing.WITHDRAWN:
        abort(400)
    if state == signing.ACCEPTED and request.form.get("logo", "") != row.logo_digest:
        flash(f"{row.name} has another logo now. Look at it, and decide again.", "error")
    else:
        signing.decide(row, state, current_user, request.form.get("reason", "")[:1000])
        db.session.commit()
        flash(f"{row.name} is {state}.", "success")
    return redirect(url_for(".index", action_id=action_id, state=request.args.get("state")))


@bp.route("/own", methods=["POST"])
@requires("actions.edit")
def sign(action_id: int) -> Page:
    """Sign for the user's own organization."""
    action, form = _letter(action_id), MemberForm()
    if opening.phase(action) != opening.OPEN:
        abort(400)
    if form.validate_on_submit():
        values = form.values()
        try:
            signing.sign_for_member(action, current_user, values["signer"], values["signer_title"])
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash("Your organization has signed.", "success")
            return redirect(url_for(".index", action_id=action_id))
    return _list(action, form, DeliveryForm(formdata=None)), 422


@bp.route("/delivery", methods=["POST"])
@requires("influencers.edit")
def deliver(action_id: int) -> Page:
    """Keep that the letter was handed over."""
    action, form = _letter(action_id), DeliveryForm()
    if form.validate_on_submit():
        values = form.values()
        try:
            delivering.deliver(action, user=current_user, on=values.pop("delivered_on"), **values)
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash("The delivery is kept, and stands among the interactions of the influencer.", "success")
            return redirect(url_for(".index", action_id=action_id))
    return _list(action, MemberForm(formdata=None), form), 422


@bp.route("/letter-<language>.pdf")
@requires("actions.see")
def print_letter(action_id: int, language: str) -> Response:
    """Send the letter as it stands now, with its signers or (signers=none) without; a draft, too."""
    action = _letter(action_id)
    if language not in LANGUAGES:
        abort(404)
    sheet = sheets.now(action, language, signed=request.args.get("signers") != "none")
    return answering.for_staff(sheet, action.slug)


@bp.route("/deliveries/<int:delivery_id>.pdf")
@requires("actions.see")
def delivered(action_id: int, delivery_id: int) -> Response:
    """Send a letter as it was handed over."""
    row = db.session.get(LetterDelivery, delivery_id)
    if row is None or row.action_id != action_id or not row.language:
        abort(404)
    return answering.for_staff(sheets.delivered(row), f"{row.action.slug}-{row.delivered_on}")


@bp.errorhandler(typesetting.Unprintable)
def not_printed(error: typesetting.Unprintable) -> AnyResponse:
    """Say why there is no PDF."""
    flash(f"The letter cannot be set as a PDF: {error}. Make its text simpler, or try again in a minute.", "error")
    return redirect(url_for(".index", action_id=(request.view_args or {})["action_id"]))


@bp.route("/<int:sign_on_id>/logo")
@requires("actions.see")
def logo(action_id: int, sign_on_id: int) -> Response:
    """Send the logo, to be looked at before it is public."""
    row = db.session.get(SignOn, sign_on_id)
    if row is None or row.action_id != action_id or row.logo is None:
        abort(404)
    answer = Response(row.logo, mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _list(action: Action, member: MemberForm, delivery: DeliveryForm) -> str:
    page = paginate(signing.matching(action.id, request.args), request.args.get("page", 1, type=int))
    values: dict[str, Any] = {"page": page, "signing": signing, "deliveries": delivering.of(action)}
    values |= {"further": further.of(page.rows), "written": sheets.languages(action)}
    values |= {"member": member, "delivery": delivery, "form": delivery if delivery.errors else member}
    values |= {"is_open": opening.phase(action) == opening.OPEN, "ask": offers.seen_ask(action, current_user)}
    return render_template("actions/sign_on/index.html", action=action, **values)


def _letter(action_id: int) -> Action:
    action = db.session.get(Action, action_id)
    if action is None or action.kind != "sign_on":
        abort(404)
    return action
