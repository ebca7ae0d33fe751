"""Where staff write what a member does for people."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.organizations import members
from crm.organizations.models import Organization
from crm.organizations.offering import editing
from crm.organizations.offering.forms import ProfileForm, ServiceForm
from crm.organizations.offering.models import MemberService
from crm.organizations.offering.professions import PROFESSIONS

bp = Blueprint("offering_staff", __name__, url_prefix="/staff/organizations")

Page = str | Response | tuple[str, int]


@bp.route("/<int:organization_id>/public", methods=["GET", "POST"])
@requires("organizations.edit")
def profile(organization_id: int) -> Page:
    """Edit the public page of a member; below stand its services."""
    organization = _own(organization_id)
    row = editing.profile_of(organization_id)
    form = ProfileForm(obj=row)
    if form.saves(row, editing.save_profile):
        db.session.commit()
        flash(f"What {organization.name} says of itself is saved.", "success")
        return redirect(url_for(".profile", organization_id=organization_id))
    values = {"organization": organization, "services": editing.services_of(organization_id), "form": form}
    return render_template("organizations/offering/profile.html", **values, professions=PROFESSIONS), form.status


@bp.route("/<int:organization_id>/services/new", methods=["GET", "POST"])
@requires("organizations.edit")
def add(organization_id: int) -> Page:
    """Add a service."""
    return _service(editing.begin(_own(organization_id)), organization_id)


@bp.route("/<int:organization_id>/services/<int:service_id>", methods=["GET", "POST"])
@requires("organizations.edit")
def edit(organization_id: int, service_id: int) -> Page:
    """Edit a service."""
    return _service(_found(organization_id, service_id), organization_id)


@bp.route("/<int:organization_id>/services/<int:service_id>/delete", methods=["POST"])
@requires("organizations.edit")
def delete(organization_id: int, service_id: int) -> Response:
    """Delete a service."""
    editing.remove(_found(organization_id, service_id))
    db.session.commit()
    flash("The service is deleted.", "success")
    return redirect(url_for(".profile", organization_id=organization_id))


def _service(service: MemberService, organization_id: int) -> Page:
    organization = _own(organization_id)
    form = ServiceForm(obj=service)
    if form.saves(service, editing.save_service):
        db.session.commit()
        flash(f"The service {service.name} is saved.", "success")
        return redirect(url_for(".profile", organization_id=organization_id))
    values = {"organization": organization, "service": service, "form": form}
    return render_template("organizations/offering/service.html", **values), form.status


def _found(organization_id: int, service_id: int) -> MemberService:
    service = db.session.get(MemberService, service_id)
    if service is None or service.organization_id != _own(organization_id).id:
        abort(404)
    return service


def _own(organization_id: int) -> Organization:
    """Return the member of that id whose page this user may edit."""
    organization = db.session.get(Organization, organization_id)
    if organization is None or not organization.is_member:
        abort(404)
    if not members.may_edit(organization, current_user.organization_id):
        abort(403)
    return organization
