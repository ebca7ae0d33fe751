"""Writing down what a member does: its page, and its services."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crm.base import audit, changes
from crm.extensions import db
from crm.organizations.models import Organization
from crm.organizations.offering.models import MemberProfile, MemberService


def profile_of(organization_id: int) -> MemberProfile:
    """Return what the organization says of itself; a new one, not added yet, where it has said nothing."""
    found = db.session.scalar(select(MemberProfile).where(MemberProfile.organization_id == organization_id))
    return found or MemberProfile(organization_id=organization_id, abouts={})


def services_of(organization_id: int) -> list[MemberService]:
    """Return all services of the organization, the hidden ones included."""
    query = select(MemberService).where(MemberService.organization_id == organization_id)
    return list(db.session.scalars(query.order_by(MemberService.id)))


def begin(organization: Organization) -> MemberService:
    """Return a new service of the organization; not added yet."""
    return MemberService(
        organization_id=organization.id,
        **{name: {} for name in ("names", "descriptions")},
        **{name: [] for name in ("states", "professions", "languages")},
        shown=True,
    )


def save_profile(profile: MemberProfile, values: Mapping[str, Any], opened_on: int = 0) -> None:
    """Set what was typed; raises Collision."""
    _save(profile, "member_profile", values, opened_on)


def save_service(service: MemberService, values: Mapping[str, Any], opened_on: int = 0) -> None:
    """Set what was typed; raises Collision."""
    _save(service, "member_service", values, opened_on)


def remove(service: MemberService) -> None:
    """Delete a service."""
    audit.record("delete", "member_service", service.id, name=[service.name, None])
    db.session.delete(service)


def _save(row: Any, thing: str, values: Mapping[str, Any], opened_on: int) -> None:
    if row.id is not None:
        changes.claim(row, thing, opened_on)
    changes.keep(row, thing, values)
