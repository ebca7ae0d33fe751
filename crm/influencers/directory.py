"""The names that pages of influencers choose from and tell: staff, member organizations, campaigns; read at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, false, func, literal, select, true, union_all

from crm.accounts.models import User
from crm.base.remembering import remembered
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.organizations.models import Organization

Choices = list[tuple[str, str]]


def staff(blank: str) -> Choices:
    """Return the active staff users as choices, after a blank one."""
    return [("", blank), *((str(row.id), row.name) for row in _of("user") if row.here)]


def members() -> list[tuple[int, str]]:
    """Return the id and name of each member organization, by name."""
    return [(row.id, row.name) for row in _of("organization")]


def campaigns(blank: str) -> Choices:
    """Return the campaigns as choices, after a blank one."""
    return [("", blank), *((str(row.id), row.name) for row in _of("campaign"))]


def organizations(blank: str) -> Choices:
    """Return all organizations as choices, after a blank one."""
    return [("", blank), *((str(row.id), row.name) for row in _organizations())]


def name(kind: str, number: int) -> str | None:
    """Return the name of that user, organization or campaign, of those who left too; None where there is none."""
    found = next((row.name for row in _of(kind) if row.id == number), None)
    if found is None and kind == "organization":
        return next((row.name for row in _organizations() if row.id == number), None)
    return found


def first_admin() -> Row[Any] | None:
    """Return name and email of the coalition's own first admin; None where there is none."""
    return min((row for row in _of("user") if row.here and row.leads), key=lambda row: row.id, default=None)


def _of(kind: str) -> list[Row[Any]]:
    return [row for row in _read() if row.kind == kind]


@remembered
def _read() -> Sequence[Row[Any]]:
    leads = (User.organization_id.is_(None) & (User.role == "admin")).label("leads")
    users = select(literal("user").label("kind"), User.id, User.name, User.email, User.active.label("here"), leads)
    others = (literal(""), true(), false())
    joined = select(literal("organization"), Organization.id, Organization.name, *others).where(Organization.is_member)
    efforts = select(literal("campaign"), Campaign.id, Campaign.name, *others)
    found = union_all(users, joined, efforts).subquery()
    return db.session.execute(select(found).order_by(func.lower(found.c.name), found.c.id)).all()


@remembered
def _organizations() -> Sequence[Any]:
    query = select(Organization.id, Organization.name).order_by(func.lower(Organization.name), Organization.id)
    return db.session.execute(query).all()
