"""The page behind the yearly letter."""

from flask import Blueprint, abort, render_template
from werkzeug.wrappers import Response

from crm.base import signing
from crm.base.guards import public
from crm.contacts import links
from crm.contacts.interest import asking
from crm.contacts.models import Contact
from crm.contacts.public import bad_link, speak
from crm.extensions import csrf, db

bp = Blueprint("interest_public", __name__)
bp.register_error_handler(signing.InvalidToken, bad_link)
Page = str | Response | tuple[str, int]


@bp.get("/stay/<token>")
@public
def show(token: str) -> Page:
    """Ask whether somebody wants to go on."""
    return _page(token, _contact(token))


@bp.post("/stay/<token>")
@csrf.exempt
@public
def stay(token: str) -> Page:
    """Write down that somebody does."""
    contact = _contact(token)
    asking.stay(contact)
    db.session.commit()
    return _page(token, contact, done=True)


def _contact(token: str) -> Contact:
    contact = asking.contact_of(token) or abort(410)
    speak(contact.language)
    return contact


def _page(token: str, contact: Contact, done: bool = False) -> str:
    url = links.preferences(contact.id)
    return render_template("contacts/interest/stay.html", token=token, contact=contact, preferences_url=url, done=done)
