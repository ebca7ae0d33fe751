"""Staff pages: with which members people share their address, and the file for a member."""

from flask import Blueprint, Response, abort, render_template
from flask_login import current_user

from crm.base import audit
from crm.base.guards import requires
from crm.base.tables import send_csv
from crm.contacts import wordings
from crm.contacts.member_consent import agreeing, export
from crm.contacts.member_consent.words import live, purpose_of
from crm.extensions import db
from crm.organizations import coalition, members
from crm.organizations.models import Organization

bp = Blueprint("member_consent_staff", __name__, url_prefix="/staff/sharing")


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """List the members, each with its wording and how many people agreed."""
    found = [member for member in db.session.scalars(members.by_name()) if _may_see(member)]
    shown = live(wordings.FALLBACK, [member.id for member in found])
    return render_template(
        "contacts/member_consent/index.html",
        members=found,
        shown=shown,
        counts=agreeing.counts(),
        purpose_of=purpose_of,
    )


@bp.post("/<int:organization_id>/export")
@requires("sharing.export")
def export_csv(organization_id: int) -> Response:
    """Send the people who agreed for this member as CSV, and write down who took them."""
    member = db.session.get(Organization, organization_id) or abort(404)
    if not _may_see(member):
        abort(403)
    audit.record("export", "organization", member.id, people=export.count(member.id))
    name = f"people-for-{organization_id}-{coalition.today()}"
    db.session.commit()
    return send_csv(name, export.lines(organization_id))


def _may_see(member: Organization) -> bool:
    """A member's own users see their organization alone; the coalition's staff see all."""
    return current_user.organization_id in (None, member.id)
