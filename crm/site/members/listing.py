"""Member organizations as visitors see them."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy import func, select

from crm.extensions import db
from crm.organizations.members import by_name
from crm.organizations.models import Organization
from crm.organizations.offering.models import MemberProfile, MemberService


def everything() -> Sequence[tuple[Organization, MemberProfile | None, int]]:
    """Return each member with what it says of itself and how many services it shows, by name."""
    count = select(func.count()).where(MemberService.organization_id == Organization.id, MemberService.shown)
    query = by_name().add_columns(MemberProfile, count.scalar_subquery())
    query = query.outerjoin(MemberProfile, MemberProfile.organization_id == Organization.id)
    return [(member, profile, number) for member, profile, number in db.session.execute(query)]


def named(slug: str) -> Organization | None:
    """Return the member of that address: by its code, or by its number where it has none."""
    found = db.session.scalar(select(Organization).where(Organization.via == slug, Organization.is_member))
    if found is None and slug.isdecimal() and len(slug) < 10:
        found = db.session.get(Organization, int(slug))
    return found if found and found.is_member and found.slug == slug else None


def any_member() -> bool:
    """Tell whether there is a member to show."""
    return db.session.scalar(select(Organization.id).where(Organization.is_member).limit(1)) is not None


def any_service() -> bool:
    """Tell whether there is a service to find."""
    query = select(MemberService.id).join(Organization).where(Organization.is_member, MemberService.shown)
    return db.session.scalar(query.limit(1)) is not None


def pages() -> list[tuple[str, datetime | None]]:
    """Return the public paths of members and of finding help, for search engines."""
    members = [url_for("members_public.show", slug=member.slug) for member, _, _ in everything()]
    found = [url_for("members_public.index"), *members] if members else []
    return [(path, None) for path in found + ([url_for("members_public.find_help")] if any_service() else [])]
