"""Pages of designs: an admin makes and changes them, with a sample beside; who writes a mailing chooses one."""

from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from crm.base import database
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.mailings import fields, identity, rendering
from crm.mailings.designs import keeping, looks, samples
from crm.mailings.designs.forms import DesignForm, DressForm
from crm.mailings.designs.models import MailingDesign
from crm.mailings.designs.presets import PRESETS
from crm.mailings.models import Mailing
from crm.mailings.staff import PREVIEW_POLICY

bp = Blueprint("mailing_designs", __name__, url_prefix="/staff/mailings/designs")

Page = str | AnyResponse | tuple[str, int]


@bp.route("/")
@requires("settings.edit")
def index() -> str:
    """List the designs."""
    return render_template("mailings/designs/index.html", designs=keeping.everything(), presets=PRESETS)


@bp.route("/new", methods=["GET", "POST"])
@requires("settings.edit")
def add() -> Page:
    """Make a design, beginning from one of the presets."""
    design = keeping.begun(request.args.get("from", ""))
    form = DesignForm(obj=design)
    if request.method == "GET":
        form.default.data = not keeping.everything()
    return _form(design, form)


@bp.route("/<int:design_id>", methods=["GET", "POST"])
@requires("settings.edit")
def edit(design_id: int) -> Page:
    """Change a design; what is not sent yet goes out in it."""
    design = db.get_or_404(MailingDesign, design_id)
    return _form(design, DesignForm(obj=design))


@bp.route("/<int:design_id>/delete", methods=["POST"])
@requires("settings.edit")
def delete(design_id: int) -> AnyResponse:
    """Delete a design that no mailing wears."""
    try:
        keeping.delete(db.get_or_404(MailingDesign, design_id))
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".edit", design_id=design_id))
    db.session.commit()
    flash("The design is deleted.", "success")
    return redirect(url_for(".index"))


@bp.route("/sample", methods=["POST"])
@requires("settings.edit")
def sample() -> Response:
    """Show a sample in the design that is typed in the form, unsaved, as on a light or a dark screen."""
    with database.looking():
        form = DesignForm()
        return _sample(samples.look_of(form.values(), form.colors()))


@bp.route("/of/<int:mailing_id>", methods=["GET", "POST"])
@requires("mailings.edit")
def dress(mailing_id: int) -> Page:
    """Choose the design that a mailing wears."""
    mailing = db.get_or_404(Mailing, mailing_id)
    worn, default = looks.own_design(mailing_id), looks.default_design()
    choices = [SelectChoice("", f"The default: {default.name if default else 'the standard look'}")]
    choices += [SelectChoice(one.id, one.name) for one in db.session.scalars(select(MailingDesign))]
    form = DressForm(choices, data={"design": worn.id if worn else ""})
    if form.validate_on_submit():
        try:
            keeping.dress(mailing, db.session.get(MailingDesign, form.design.data) if form.design.data else None)
        except keeping.NotDraft as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            flash("The design is chosen.", "success")
            return redirect(url_for(".dress", mailing_id=mailing_id))
    return render_template("mailings/designs/dress.html", mailing=mailing, form=form), 422 if form.errors else 200


def _form(design: MailingDesign, form: DesignForm) -> Page:
    if form.saves(design, keeping.save):
        db.session.commit()
        flash("The design is saved.", "success")
        return redirect(url_for(".edit", design_id=design.id))
    worn = keeping.wearing(design) if design.id else []
    values = {"design": design, "form": form, "worn": worn, "samples": samples.NAMES}
    return render_template("mailings/designs/edit.html", **values), form.status


def _sample(look: looks.Look) -> Response:
    only = look.dark if request.form.get("screen") == "dark" else look.light
    look = replace(look, light=only, dark=only)
    said = samples.said(request.form.get("sample", ""), request.form.get("language", ""))
    mail = rendering.render(said, identity.current(), look=look)
    answer = Response(rendering.personal(mail, fields.values_for(None)).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
