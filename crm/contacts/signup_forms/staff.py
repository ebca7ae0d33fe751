"""Staff pages of sign-up forms: list, making and changing them, passing them on."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base.guards import requires
from crm.base.locales import LANGUAGES, direction, known
from crm.contacts import wordings
from crm.contacts.member_consent.words import live
from crm.contacts.signup_forms import keeping, posters
from crm.contacts.signup_forms.forms import LABELS, LONG, FormForm
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from crm.organizations import members

bp = Blueprint("signup_forms_staff", __name__, url_prefix="/staff/forms")

Page = str | AnyResponse | tuple[str, int]


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """List the forms, with how many people signed up by each."""
    return render_template("contacts/signup_forms/index.html", forms=keeping.everything(), counts=keeping.counts())


@bp.route("/new", methods=["GET", "POST"])
@requires("forms.edit")
def new() -> Page:
    """Make a form."""
    return _save(SignUpForm(texts={}, questions=[], topics=[], members=[], origins=[]), "New sign-up form")


@bp.route("/<int:form_id>", methods=["GET", "POST"])
@requires("forms.edit")
def edit(form_id: int) -> Page:
    """Change a form."""
    row = _found(form_id)
    return _save(row, row.name)


@bp.route("/<int:form_id>/share")
@requires("contacts.see")
def share(form_id: int) -> str:
    """Show how the form is passed on: address, QR code, poster, and the code for other sites."""
    row, language, stand = _found(form_id), _language(), _stand()
    values = {"address": posters.address(row, language, stand), "short": posters.short(row)}
    values |= {"script_tag": posters.script_tag(row, language), "plain_form": posters.plain_form(row, language)}
    return render_template(
        "contacts/signup_forms/share.html", form_row=row, language=language, stand=stand, sizes=posters.SIZES, **values
    )


@bp.route("/<int:form_id>/qr.svg")
@requires("contacts.see")
def qr_code(form_id: int) -> Response:
    """Send the QR code of the form's address."""
    picture = posters.qr_code(posters.address(_found(form_id), _language(), _stand()))
    return Response(picture, mimetype="image/svg+xml")


@bp.route("/<int:form_id>/poster")
@requires("contacts.see")
def poster(form_id: int) -> str:
    """Show the form as a poster to print."""
    row, language = _found(form_id), _language()
    asked = request.args.get("size", "")
    size = asked if asked in posters.SIZES else "letter"
    values = {"language": language, "direction_of_text": direction(language), "size": size, "stand": _stand()}
    return render_template("contacts/signup_forms/poster.html", form_row=row, short=posters.short(row), **values)


def _save(row: SignUpForm, title: str) -> Page:
    form = FormForm(row)
    if request.form.get("do") == "more":
        form.add_lines()
    elif form.saves(row, keeping.save):
        db.session.commit()
        flash(f"{row.name} is saved.", "success")
        return redirect(url_for(".share", form_id=row.id))
    values = {"title": title, "labels": LABELS, "long": LONG, "tongues": LANGUAGES, "form_row": row}
    reviewed = live(wordings.FALLBACK, [number for number, _name in members.names()])
    values["unreviewed"] = [name for number, name in members.names() if number not in reviewed]
    values["own_words"] = wordings.current(wordings.FALLBACK, keeping.purpose_of(row.id)) if row.id else None
    return render_template("contacts/signup_forms/edit.html", form=form, **values), form.status


def _language() -> str:
    asked = request.args.get("language", "en")
    return known(asked)


def _stand() -> str:
    return request.args.get("stand", "").strip()[:100]


def _found(form_id: int) -> SignUpForm:
    return db.session.get(SignUpForm, form_id) or abort(404)
