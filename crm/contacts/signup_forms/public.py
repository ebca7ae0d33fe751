"""Sign-up forms for visitors: a page of their own, and one for frames on other sites. GET and HEAD change nothing."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base import locales
from crm.base.database import reading
from crm.base.deeds import Deed
from crm.base.guards import public
from crm.contacts import answering, arrivals, known, thanking
from crm.contacts.forms import VisitorForm
from crm.contacts.signup_forms import filling_in, keeping, origins
from crm.contacts.signup_forms.keeping import DEED
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import csrf, db

bp = Blueprint("signup_forms_public", __name__)
bp.after_request(known.keep_private)


@bp.get("/signup/<slug>")
@public
def show(slug: str) -> str:
    """Show a form."""
    form = _found(slug)
    return _page(form, filling_in.blank(form) if form.is_open else None)


@bp.post("/signup/<slug>")
@csrf.exempt
@public
def sign_up(slug: str) -> answering.Page:
    """Take a form that was filled in here or on a site that may post to it."""
    return _taken(_found(slug), url_for(".sent", slug=slug, lang=locales.language()), framed=False)


@bp.get("/signup/<slug>/sent")
@public
def sent(slug: str) -> str:
    """Say that a mail is on its way."""
    return render_template("contacts/signup_forms/sent.html", form_row=_found(slug))


@bp.get("/signup/<slug>/done/<token>")
@public
def done(slug: str, token: str) -> str | AnyResponse:
    """Thank who has confirmed, in the form's own words."""
    form = _found(slug)
    contact = known.who_did(token, DEED, form.id)
    if contact is None:
        return redirect(url_for(".show", slug=slug))
    confirmed = thanking.token_of(contact, DEED, form.id) if known.just_did(token) else ""
    values = thanking.values(contact, confirmed)
    return render_template("contacts/signup_forms/thanks.html", form_row=form, **values)


@bp.get("/embed/<slug>")
@public
def frame(slug: str) -> AnyResponse:
    """Show a form inside of another site's page, without a cookie."""
    form = _found(slug)
    return _framed(form, _page(form, filling_in.blank(form) if form.is_open else None, framed=True))


@bp.post("/embed/<slug>")
@csrf.exempt
@public
def sign_up_in_frame(slug: str) -> AnyResponse:
    """Take a form that was filled in inside of a frame."""
    form, parent = _found(slug), request.form.get("parent", "")
    sent_to = url_for(".sent_in_frame", slug=slug, hl=locales.language(), parent=parent or None)
    return _framed(form, _taken(form, sent_to, framed=True))


@bp.get("/embed/<slug>/sent")
@public
def sent_in_frame(slug: str) -> AnyResponse:
    """Say inside of the frame that a mail is on its way."""
    form = _found(slug)
    parent = origins.parent_of(form, request.args.get("parent", ""))
    return _framed(form, render_template("contacts/signup_forms/sent_in_frame.html", form_row=form, parent=parent))


@bp.get("/embed/signup.js")
@public
def script() -> Response:
    """Send the script by which another site shows a form with one tag."""
    answer = current_app.send_static_file("embed.js")
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _taken(form: SignUpForm, sent_to: str, *, framed: bool) -> answering.Page:
    if not origins.may_post(form):
        return render_template("contacts/signup_forms/not_there.html", form_row=form), 403
    if not form.is_open:
        return _page(form, None, framed=framed, unsent=filling_in.returned(form).form), 410
    arrival = filling_in.returned(form)
    if "first_step" in request.form:
        db.session.rollback()
        filling_in.untick(arrival)
        with reading():
            return _page(form, arrivals.ready(arrival), framed=framed)
    return answering.post(arrival, lambda back: _page(form, back, framed=framed), sent_to, Deed(DEED, form.id))


def _page(
    form: SignUpForm, arrival: arrivals.Arrival | None, *, framed: bool = False, unsent: VisitorForm | None = None
) -> str:
    name = "frame" if framed else "show"
    parent = origins.parent_of(form, request.values.get("parent", "")) if framed else ""
    post_url = url_for(".sign_up_in_frame", slug=form.slug, hl=locales.language()) if framed else ""
    return render_template(
        f"contacts/signup_forms/{name}.html",
        arrival=arrival,
        form=arrival.form if arrival else None,
        form_row=form,
        unsent=unsent,
        parent=parent,
        first_step="first_step" in request.form,
        post_url=post_url or url_for(".sign_up", slug=form.slug, lang=locales.language()),
    )


def _framed(form: SignUpForm, page: answering.Page) -> AnyResponse:
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = origins.policy(form)
    return answer


def _found(slug: str) -> SignUpForm:
    return keeping.with_slug(slug) or abort(404)
