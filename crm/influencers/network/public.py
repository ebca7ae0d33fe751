"""The answer of new supporters to whom they know."""

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from crm.base import locales, signing
from crm.base.guards import public
from crm.contacts import joining, thanking
from crm.contacts import public as contacts_public
from crm.extensions import csrf, db
from crm.influencers.network import asking

bp = Blueprint("network_public", __name__)
bp.register_error_handler(signing.InvalidToken, contacts_public.bad_link)
bp.register_error_handler(signing.ExpiredToken, contacts_public.expired_link)
bp.register_error_handler(410, contacts_public.gone)


@bp.post("/confirm/<token>/know")
@csrf.exempt
@public
def answer(token: str) -> Response:
    """Keep whom somebody who has confirmed says to know."""
    if not asking.is_on():
        abort(404)
    found = joining.read_link(token)
    if found is None or found.state == "void":
        abort(410)
    if found.state != "confirmed":
        return redirect(url_for("contacts_public.confirm", token=token), 303)
    chosen = request.form.getlist("person")
    asking.answer(found.contact, chosen)
    db.session.commit()
    told = "yes" if chosen else None
    return redirect(thanking.address(found, token, "know", told=told, lang=locales.language()), 303)
