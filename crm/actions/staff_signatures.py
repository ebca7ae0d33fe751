"""Pages of the signatures under a petition."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.actions import signature_list, signatures
from crm.actions.models import Action, Signature
from crm.base import audit, changes
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.tables import csv_lines, send_csv
from crm.extensions import db
from crm.organizations import coalition

bp = Blueprint("signatures_staff", __name__, url_prefix="/staff/actions/<int:action_id>/signatures")


@bp.route("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List the signatures, the newest first."""
    action = _action(action_id)
    query = signature_list.matching(action_id, request.args)
    page = paginate(query, request.args.get("page", 1, type=int))
    values: dict[str, Any] = {"states": signature_list.STATES, "source": signature_list.source_of(request.args)}
    values |= {"digest_of": signatures.digest_of}
    return render_template("actions/staff/signatures.html", action=action, page=page, **values)


@bp.route("/export", methods=["POST"])
@requires("contacts.export")
def export(action_id: int) -> AnyResponse:
    """Send them as CSV."""
    action = _action(action_id)
    rows = signature_list.rows(action_id, request.args)
    audit.record("export", "signature", action.id)
    name = f"signatures-{action.slug}-{coalition.today()}"
    db.session.commit()
    return send_csv(name, csv_lines(signature_list.HEADER, rows))


@bp.route("/<int:signature_id>", methods=["POST"])
@requires("actions.edit")
def decide(action_id: int, signature_id: int) -> AnyResponse:
    """Show a comment in public, hide it, or delete the signature."""
    signature = _found(action_id, signature_id)
    changes.lock(signature)  # Whoever signed may be writing another comment just now.
    do, seen = request.form.get("do", ""), request.form.get("comment", "")
    if do == "delete":
        signatures.remove(signature)
        flash("The signature is deleted.", "success")
    elif do == "show" and seen != signatures.digest_of(signature.comment):
        flash("The comment is another one now. Read it, and decide again.", "error")
    elif do in ("show", "hide") and signature.comment:
        signatures.moderate(signature, shown=do == "show")
        flash("The comment is public now." if do == "show" else "The comment is hidden.", "success")
    else:
        abort(400)
    db.session.commit()
    return redirect(url_for(".index", action_id=action_id, **signature_list.kept(request.args)))


def _action(action_id: int) -> Action:
    action: Action = db.session.get(Action, action_id) or abort(404)
    if action.kind != "petition":
        abort(404)
    return action


def _found(action_id: int, signature_id: int) -> Signature:
    signature = db.session.get(Signature, signature_id)
    if signature is None or signature.action_id != action_id:
        abort(404)
    return signature
