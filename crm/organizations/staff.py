"""Pages of organizations."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import pages
from crm.base.guards import requires
from crm.extensions import db
from crm.organizations import members
from crm.organizations.forms import OrganizationForm
from crm.organizations.models import Organization

bp = Blueprint("organizations_staff", __name__, url_prefix="/staff/organizations")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("organizations.see")
def index() -> str:
    """List organizations, members first."""
    words, only = request.args.get("q", "").strip(), bool(request.args.get("members"))
    page = pages.paginate(members.find(words, only), request.args.get("page", 1, type=int))
    return render_template(
        "organizations/index.html",
        page=page,
        words=words,
        only=only,
        kinds=members.KINDS,
        link=members.link,
        may_edit=members.may_edit,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires("organizations.edit")
def new() -> Page:
    """Add an organization."""
    return _save(Organization(), OrganizationForm(), "Add an organization")


@bp.route("/<int:organization_id>", methods=["GET", "POST"])
@requires("organizations.edit")
def edit(organization_id: int) -> Page:
    """Edit an organization."""
    organization = db.session.get(Organization, organization_id) or abort(404)
    if not members.may_edit(organization, current_user.organization_id):
        abort(403)
    return _save(organization, OrganizationForm(obj=organization), organization.name)


def _save(organization: Organization, form: OrganizationForm, title: str) -> Page:
    if current_user.organization_id is not None:
        # Who is a member, and by which code it is credited, the coalition decides.
        del form.is_member, form.via
    if form.saves(organization, members.save):
        db.session.commit()
        flash(f"{organization.name} is saved.", "success")
        return redirect(url_for(".edit", organization_id=organization.id))
    values = {"title": title, "link": members.link(organization), "offers_url": ""}
    if organization.id and organization.is_member:
        values["offers_url"] = url_for("offering_staff.profile", organization_id=organization.id)
    return render_template("organizations/edit.html", form=form, **values), form.status
