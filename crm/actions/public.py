"""Pages of actions for visitors. GET and HEAD change nothing here; POST acts."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.actions import addresses, kinds, listing, opening, pages, signatures, withdrawing
from crm.actions.models import Action
from crm.base import headers, locales, signing
from crm.base.deeds import Deed
from crm.base.guards import public
from crm.base.pages import paginate
from crm.contacts import answering, arrivals, known, sources
from crm.contacts.forms import VisitorForm
from crm.contacts.models import Contact
from crm.extensions import csrf, db

bp = Blueprint("actions_public", __name__)
bp.after_request(known.keep_private)


@bp.get("/actions/")
@public
def index() -> str:
    """List what can be done now, and what became of what is over."""
    values = {
        "open_now": listing.open_now(),
        "closed": listing.closed(),
        "tell": pages.told,
        "when": pages.when,
    }
    return render_template("actions/public/index.html", **values)


@bp.get("/actions/<slug>")
@public
def show(slug: str) -> Response:
    """Show an action: what is to be done, when it opens, or its outcome."""
    action = _found(slug)
    answer = make_response(_shown(action))
    if hosts := kinds.of(action).hosts:
        policy = headers.POLICY.replace("form-action 'self'", f"form-action 'self' {hosts}")
        answer.headers["Content-Security-Policy"] = policy
    return answer


@bp.post("/actions/<slug>")
@csrf.exempt
@public
def act(slug: str) -> answering.Page:
    """Take what a visitor has sent: at once from who came by a signed link, else once the address is proven."""
    action = _found(slug)
    kind = kinds.of(action)
    if kind.visitor_form is None:
        return _shown(action), 410
    if opening.phase(action) != opening.OPEN:
        return _shown(action, kind.visitor_form(action)(request.form)), 410
    form, terms = kind.visitor_form(action), pages.terms(action)
    contact = known.visitor(kind.deed, action.id) if "known" in request.form else None
    arrival = pages.as_known(action, form, contact) if contact else arrivals.returned(form, terms=terms)
    if arrival.form.unfinished():
        return _page(action, arrivals.ready(arrival))
    if contact is not None:
        return _act_at_once(action, contact, arrival)
    sent = url_for(".sent", slug=slug, lang=locales.language())
    return answering.post(arrival, lambda back: _page(action, back), sent, Deed(kind.deed, action.id))


@bp.get("/actions/<slug>/sent")
@public
def sent(slug: str) -> str:
    """Say that a mail is on its way."""
    return render_template("actions/public/sent.html", action=_found(slug))


@bp.get("/actions/<slug>/done/<token>")
@public
def done(slug: str, token: str) -> str | AnyResponse:
    """Thank whoever did it: ways to share, what to do next, and sign-up where they get no mail yet."""
    action = _found(slug)
    contact = known.who_did(token, kinds.of(action).deed, action.id)
    if contact is None:
        return redirect(url_for(".show", slug=slug))
    return render_template("actions/public/done.html", **pages.thanks(action, contact, token))


@bp.get("/actions/<slug>/signatures")
@public
def names(slug: str) -> str:
    """List the names of those who chose to be shown, and what they say."""
    action = _found(slug)
    if action.kind != "petition" or not action.list_shown:
        abort(404)
    page = paginate(signatures.listed(action), request.args.get("page", 1, type=int), per_page=100)
    values = {"page": page, "count": kinds.count(action), "told": pages.told(action)}
    return render_template("actions/public/signatures.html", action=action, **values)


@bp.get("/actions/withdraw/<token>")
@public
def withdraw(token: str) -> str | tuple[str, int]:
    """Ask whether something shall be taken back."""
    what = withdrawing.find(*addresses.withdrawn(token)) or abort(410)
    return render_template("actions/public/withdraw.html", token=token, **what)


@bp.post("/actions/withdraw/<token>")
@csrf.exempt
@public
def withdraw_now(token: str) -> str:
    """Take it back."""
    what: dict[str, Any] = withdrawing.find(*addresses.withdrawn(token)) or abort(410)
    what["withdraw"]()
    db.session.commit()
    return render_template("actions/public/withdrawn.html", **what)


@bp.errorhandler(signing.InvalidToken)
def bad_link(error: signing.InvalidToken) -> tuple[str, int]:
    """Say that the link cannot be used."""
    return render_template("contacts/public/bad_link.html"), 404


@bp.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that there is nothing there any more."""
    return render_template("contacts/public/gone.html"), 410


def _found(slug: str) -> Action:
    drafts = current_user.is_authenticated and current_user.may("actions.see")
    return listing.named(slug, drafts=drafts) or abort(404)


def _shown(action: Action, unsent: VisitorForm | None = None) -> str:
    form = kinds.of(action).visitor_form if opening.phase(action) in (opening.OPEN, opening.DRAFT) else None
    return _page(action, arrivals.form_for(form(action), terms=pages.terms(action)) if form else None, unsent)


def _act_at_once(action: Action, contact: Contact, arrival: arrivals.Arrival) -> answering.Page:
    if not arrival.form.validate():
        return _page(action, arrivals.ready(arrival)), 422
    deed = Deed(kinds.of(action).deed, action.id, arrival.form.details())
    form_id = arrival.stamp.form_id if arrival.stamp else ""
    try:
        address = known.do(contact, deed, sources.of_visit(arrival.trail), form_id)
    except known.TooOften:
        db.session.rollback()
        arrivals.refuse(arrival, _("This was sent several times today already. Please come back tomorrow."))
        return _page(action, arrivals.ready(arrival)), 429
    db.session.commit()
    return redirect(address, 303)


def _page(action: Action, arrival: arrivals.Arrival | None, unsent: VisitorForm | None = None) -> str:
    return render_template("actions/public/show.html", unsent=unsent, **pages.page(action, arrival))
