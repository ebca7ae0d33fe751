"""Pages of plan templates, for admins."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.plans import drafting
from crm.influencers.plans.forms import TemplateForm
from crm.influencers.plans.models import PlanTemplate

bp = Blueprint("plan_templates_staff", __name__, url_prefix="/staff/settings/plans")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("settings.edit")
def index() -> str:
    """Show the plan templates."""
    return render_template("influencers/plans/index.html", templates=drafting.everything())


@bp.route("/new", methods=["GET", "POST"])
@requires("settings.edit")
def new() -> Page:
    """Write a plan template."""
    return _save(PlanTemplate(), TemplateForm())


@bp.route("/<int:template_id>", methods=["GET", "POST"])
@requires("settings.edit")
def edit(template_id: int) -> Page:
    """Edit a plan template; plans that were started stay as they are."""
    found = db.session.get(PlanTemplate, template_id) or abort(404)
    values = {"name": found.name, "about": found.about, "steps": found.steps, "version": found.version}
    return _save(found, TemplateForm(**values))


@bp.route("/<int:template_id>/remove", methods=["POST"])
@requires("settings.edit")
def remove(template_id: int) -> Response:
    """Remove a plan template."""
    template = db.session.get(PlanTemplate, template_id) or abort(404)
    drafting.remove(template)
    db.session.commit()
    flash(f"The plan template {template.name} is removed. Plans that were started from it go on.", "success")
    return redirect(url_for(".index"))


def _save(template: PlanTemplate, form: TemplateForm) -> Page:
    if "more" in request.form:
        form.make_room()
    elif form.saves(template, drafting.save):
        db.session.commit()
        flash(f"The plan template {template.name} is saved.", "success")
        return redirect(url_for(".index"))
    page = render_template("influencers/plans/edit.html", form=form, template=template, most=drafting.MOST_STEPS)
    return page, 422 if form.errors else form.status
