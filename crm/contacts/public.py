"""Pages for visitors: sign up, and confirm. GET and HEAD change nothing here; POST acts."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import refresh

from crm.base import clock, locales, signing
from crm.base.deeds import Deed, deeds
from crm.base.forms import row_number
from crm.base.guards import public
from crm.contacts import answering, arrivals, joining, known, links, thanking
from crm.contacts.answering import Page
from crm.contacts.forms import SignUpForm
from crm.contacts.models import SignUp
from crm.extensions import csrf, db

bp = Blueprint("contacts_public", __name__)
bp.after_request(known.keep_private)


@bp.route("/signup", methods=["GET", "POST"])
@csrf.exempt
@public
def sign_up() -> Page:
    if request.method == "GET":
        return _form(arrivals.signup_form())
    return answering.post(arrivals.returned(SignUpForm), _form, url_for(".sent", lang=locales.language()))


@bp.get("/signup/sent")
@public
def sent() -> Page:
    kind, _dash, about_id = request.args.get("of", "").rpartition("-")
    deed = Deed(kind, row_number(about_id)) if kind in deeds else None
    return render_template("contacts/public/sent.html", form_url=_form_of(deed))


@bp.get("/confirm/<token>")
@public
def confirm(token: str) -> Page:
    found = _sign_up_of(joining.read_link(token))
    done, deed = found.state == "confirmed", joining.deed_of(found)
    return render_template(
        "contacts/public/confirmed_before.html" if done else "contacts/public/confirm.html",
        token=token,
        topics=joining.topics_of(found),
        kind=deeds[deed.kind] if deed else None,
        deed=deed,
        is_open=deed is None or deeds[deed.kind].open(deed.about_id),
        about_id=found.about_id,
        preferences_url=links.preferences(found.contact_id),
    )


@bp.post("/confirm/<token>")
@csrf.exempt
@public
def confirm_now(token: str) -> Page:
    found = _sign_up_of(joining.read_link(token))
    joining.confirm(found)
    db.session.commit()
    if deed := joining.deed_of(found):
        return redirect(known.after(found.contact_id, deed, found.source_id), 303)
    return redirect(url_for(".thanks", token=token, lang=request.args.get("lang")), 303)


@bp.get("/confirm/<token>/thanks")
@public
def thanks(token: str) -> Page:
    found = _sign_up_of(joining.read_link(token))
    if found.state != "confirmed":
        return redirect(url_for(".confirm", token=token))
    just = found.confirmed_at is not None and clock.now() - found.confirmed_at < known.JUST
    return render_template("contacts/public/thanks.html", **thanking.values(found.contact, token if just else ""))


@bp.post("/confirm/<token>/again")
@csrf.exempt
@public
def confirm_again(token: str) -> Page:
    try:
        found = joining.read_link(token)
    except signing.ExpiredToken as expired:
        found = joining.named(expired.subject)
    found = _sign_up_of(found)
    joining.ask_again(found)
    db.session.commit()
    of = f"{found.deed_kind}-{found.about_id}" if found.deed_kind else None
    return redirect(url_for(".sent", lang=locales.language(), of=of), 303)


@bp.errorhandler(signing.InvalidToken)
def bad_link(error: signing.InvalidToken) -> Page:
    return render_template("contacts/public/bad_link.html"), 404


@bp.errorhandler(signing.ExpiredToken)
def expired_link(error: signing.ExpiredToken) -> Page:
    token = (request.view_args or {}).get("token", "")
    waiting = None
    if request.endpoint in (f"{bp.name}.confirm", f"{bp.name}.confirm_now"):
        waiting = joining.named(error.subject)
    if waiting is not None and waiting.state == "confirmed":
        return render_template("contacts/public/confirmed_before.html", preferences_url=None)
    can_ask = waiting is not None and waiting.state == "open"
    form_url = _form_of(joining.deed_of(waiting)) if waiting else ""
    return render_template("contacts/public/expired.html", token=token if can_ask else "", form_url=form_url), 410


@bp.errorhandler(410)
def gone(error: Exception) -> Page:
    return render_template("contacts/public/gone.html", form_url=g.get("form_url", "")), 410


def too_often(error: known.TooOften) -> Page:
    """Say that a signed link did as much as a day allows; of all pages that it opens, whichever subject has them."""
    db.session.rollback()  # What was written before the limit was met.
    return render_template("contacts/public/too_often.html"), 429


def speak(language: str) -> None:
    """Answer in the language of the person whose link this is, unless the visitor has chosen another."""
    if "lang" not in request.args and locales.COOKIE not in request.cookies:
        g.locale = language
        refresh()


def _sign_up_of(found: SignUp | None) -> SignUp:
    if found is None or found.state == "void":
        g.form_url = _form_of(joining.deed_of(found)) if found else ""
        abort(410)
    speak(found.language)
    deed = joining.deed_of(found)
    if found.deed_kind and not (deed and deeds[deed.kind].title(deed.about_id, found.language)):
        abort(410)
    return found


def _form_of(deed: Deed | None) -> str:
    """Return the path of the page on which a deed is done; "" where it is gone."""
    there = deed is not None and deeds[deed.kind].title(deed.about_id, locales.language())
    return deeds[deed.kind].page(deed.about_id) if deed and there else ""


def _form(arrival: arrivals.Arrival) -> str:
    return render_template("contacts/public/sign_up.html", arrival=arrival, form=arrival.form)
