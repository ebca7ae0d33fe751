"""The letter with its signers as a page and as PDF, their logos, and adding one's own."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.file import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from crm.actions import listing, pages
from crm.actions.models import Action
from crm.actions.sign_on import answering, logos, sheets, signing, typesetting
from crm.actions.sign_on.forms import LogoForm
from crm.actions.sign_on.models import SignOn
from crm.base import locales
from crm.base.changes import Refused
from crm.base.guards import public
from crm.base.locales import LANGUAGES
from crm.contacts import known
from crm.extensions import csrf, db

bp = Blueprint("sign_on_public", __name__)
bp.after_request(known.keep_private)


@bp.get("/actions/<slug>/letter")
@public
def letter(slug: str) -> str:
    """Show the letter with all who signed, to be read, printed or kept as PDF."""
    action = _letter(slug)
    values: dict[str, Any] = {"action": action, "told": pages.told(action)}
    values |= {"organizations": signing.accepted(action.id), "addressee": sheets.addressee(action, locales.language())}
    return render_template("actions/sign_on/letter.html", **values)


@bp.get("/actions/<slug>/letter-<language>.pdf")
@public
def download(slug: str, language: str) -> Response:
    """Send the letter with all who signed as PDF."""
    action = _letter(slug)
    if language not in LANGUAGES:
        abort(404)
    return answering.for_everybody(sheets.now(action, language), slug)


@bp.errorhandler(typesetting.Unprintable)
def not_printed(error: typesetting.Unprintable) -> Response:
    """Say in how many seconds to ask again (RFC 9110 §10.2.3), and lead to the page, which can be printed."""
    slug = (request.view_args or {})["slug"]
    answer = Response(render_template("actions/sign_on/not_set.html", slug=slug), 503)
    answer.headers["Retry-After"], answer.headers["Cache-Control"] = str(error.seconds), "no-store"
    return answer


@bp.get("/actions/<slug>/logos/<int:number>")
@public
def logo(slug: str, number: int) -> Response:
    """Send the logo of an organization that stands under the letter."""
    row = db.session.get(SignOn, number)
    if row is None or row.action_id != _letter(slug).id or row.state != signing.ACCEPTED or row.logo is None:
        abort(404)
    answer = Response(row.logo, mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(row.logo_digest)
    answer.cache_control.public, answer.cache_control.max_age = True, 300
    return answer


@bp.post("/actions/<slug>/done/<token>/logo")
@csrf.exempt
@public
def add_logo(slug: str, token: str) -> AnyResponse:
    """Keep the logo that whoever signed sends."""
    action = _letter(slug)
    contact = known.who_did(token, signing.DEED, action.id)
    row = signing.standing(action.id, contact.id) if contact else None
    form = LogoForm()
    if row is None or not isinstance(form.logo.data, FileStorage):
        abort(404)
    try:
        logos.offer(row, form.logo.data.stream)
    except logos.TooLate:  # Nothing is public that the staff have not seen.
        flash(_("Your organization was looked at already. Please send the logo to us by e-mail."), "error")
    except logos.TooOften:
        flash(_("Too many files were sent. Please send the logo again in an hour."), "error")
    except Refused:
        flash(_("This file cannot be read as a picture. Choose a JPEG, PNG or WebP of at most 5 MB."), "error")
    else:
        flash(_("Thank you: the logo is kept. It is shown once your organization is accepted."), "success")
    return redirect(url_for("actions_public.done", slug=slug, token=token), 303)


def _letter(slug: str) -> Action:
    action = listing.named(slug)
    if action is None or action.kind != "sign_on":
        abort(404)
    return action
