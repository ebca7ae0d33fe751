"""Pages on which two versions of a mailing are begun, compared and chosen from."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import database
from crm.base.changes import Refused, lock
from crm.base.guards import requires
from crm.extensions import db
from crm.mailings import audience, composing, parts
from crm.mailings.comparing import deciding, pairing
from crm.mailings.comparing.forms import ComparisonForm
from crm.mailings.comparing.models import A, B
from crm.mailings.models import Mailing

bp = Blueprint("comparing_staff", __name__, url_prefix="/staff/mailings")


@bp.route("/<int:mailing_id>/compare", methods=["POST"])
@requires("mailings.edit")
def begin(mailing_id: int) -> Response:
    """Begin another version of a draft, as a copy, and go to write it."""
    mailing, recipients = _counted(mailing_id)

    def act() -> Response:
        lock(mailing)
        if mailing.state != "draft" or pairing.of(mailing) or parts.of_what(mailing.id):
            raise Refused("Another version can be begun once, while the mailing is a draft.", "")
        other = composing.copy(mailing, by=current_user.email)
        db.session.flush()
        pairing.begin(mailing, other, recipients)
        return redirect(url_for("mailings_staff.edit", mailing_id=other.id))

    return _done(mailing_id, act, "This is version B. Change what shall differ: the subject, the words, a picture.")


@bp.route("/<int:mailing_id>/compare/how", methods=["POST"])
@requires("mailings.edit")
def change(mailing_id: int) -> Response:
    """Change among how many and for how long it is compared, and who decides; or take version B away."""
    mailing, recipients = _counted(mailing_id)
    comparison = pairing.of(mailing) or abort(404)
    if request.form.get("do") == "end":
        return _done(mailing_id, lambda: pairing.end(comparison), "Version B is gone. Everybody gets version A.")
    form = ComparisonForm(comparison, recipients)
    if not form.validate():
        flash(" ".join(message for messages in form.errors.values() for message in messages), "error")
        return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))
    return _done(mailing_id, lambda: pairing.change(comparison, form.values(), recipients), "Saved.")


@bp.route("/<int:mailing_id>/compare/choose", methods=["POST"])
@requires("mailings.send")
def choose(mailing_id: int) -> Response:
    """Let the rest get one of the versions now."""
    mailing, variant = db.get_or_404(Mailing, mailing_id), B if request.form.get("version") == "b" else A
    return _done(mailing_id, lambda: deciding.choose(mailing, variant), "The rest get that version now.")


def values(mailing: Mailing, recipients: int) -> dict[str, Any]:
    """Return what the review and the page of a mailing tell of its two versions."""
    comparison = pairing.of(mailing)
    told: dict[str, Any] = {"comparison": comparison, "too_few": pairing.too_few(recipients)}
    if comparison and mailing.messages:
        told["versions"], told["waits_for"] = deciding.results(mailing), deciding.waits_for(mailing)
    elif comparison:
        told["comparison_form"] = ComparisonForm(comparison, recipients)
    return told | {"may_compare": bool(pairing.sizes.shares(recipients)), "version_of": pairing.main_of(mailing.id)}


def _counted(mailing_id: int) -> tuple[Mailing, int]:
    with database.looking():
        recipients = audience.reach(db.get_or_404(Mailing, mailing_id)).recipients
    return db.get_or_404(Mailing, mailing_id), recipients


def _done(mailing_id: int, act: Callable[[], Any], words: str) -> Response:
    try:
        answer = act()
    except Refused as refused:
        db.session.rollback()
        flash(str(refused), "error")
        return redirect(url_for("mailings_staff.show", mailing_id=mailing_id))
    db.session.commit()
    flash(words)
    return answer or redirect(url_for("mailings_staff.show", mailing_id=mailing_id))
