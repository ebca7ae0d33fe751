"""The public page on which technical assistance is asked for. GET and HEAD change nothing here."""

from flask import Blueprint, render_template, url_for

from crm.assistance import requesting
from crm.base import locales
from crm.base.deeds import Deed
from crm.base.guards import public
from crm.contacts import answering, arrivals, known
from crm.contacts.answering import Page
from crm.extensions import csrf

bp = Blueprint("assistance_public", __name__, url_prefix="/assistance")
TERMS = arrivals.Terms(source="assistance")
bp.after_request(known.keep_private)


@bp.get("")
@public
def index() -> Page:
    """Show the form."""
    return _page(arrivals.form_for(requesting.RequestForm, terms=TERMS))


@bp.post("")
@csrf.exempt
@public
def ask() -> Page:
    """Keep a request until its address is proven, and write to it."""
    arrival = arrivals.returned(requesting.RequestForm, terms=TERMS)
    sent = url_for("contacts_public.sent", lang=locales.language(), of=f"{requesting.KIND}-{requesting.ABOUT}")
    return answering.post(arrival, _page, sent, Deed(requesting.KIND, requesting.ABOUT))


@bp.get("/done/<token>")
@public
def done(token: str) -> Page:
    """Say when there will be an answer."""
    if known.who_did(token, requesting.KIND, requesting.ABOUT) is None:
        return render_template("contacts/public/bad_link.html"), 404
    return render_template("assistance/public/done.html", days=requesting.ANSWERED_WITHIN.days)


def _page(arrival: arrivals.Arrival) -> str:
    post_url = url_for(".ask", lang=locales.language())
    return render_template("assistance/public/request.html", arrival=arrival, form=arrival.form, post_url=post_url)
