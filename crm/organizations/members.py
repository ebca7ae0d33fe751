"""Organizations, which of them are members, and the `via` code that credits a member with sign-ups."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, or_, select

from crm.base import changes, credits, slugs
from crm.base.changes import Refused
from crm.base.public_pages import public_url
from crm.base.remembering import remembered
from crm.base.words import searched
from crm.extensions import db
from crm.organizations.models import Organization

KINDS = {
    "nonprofit": "Nonprofit",
    "employer": "Employer",
    "educator": "College or school",
    "agency": "Public agency",
    "foundation": "Foundation",
    "association": "Association",
    "media": "Media",
    "other": "Other",
}
# Not only figures and a-f: a supporter's share code looks like that.
SHARE_CODE = re.compile(r"[0-9a-f]{12}")


def find(words: str = "", members_only: bool = False) -> Select[Organization]:
    """Return the select of organizations that match, members first."""
    query = select(Organization).order_by(Organization.is_member.desc(), func.lower(Organization.name))
    for word in searched(words):
        columns = (Organization.name, Organization.website, Organization.via)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query.where(Organization.is_member) if members_only else query


def by_name() -> Select[Organization]:
    """Return the select of the members, by name."""
    return select(Organization).where(Organization.is_member).order_by(func.lower(Organization.name), Organization.id)


@remembered
def names() -> list[tuple[int, str]]:
    """Return the id and name of each member, by name."""
    query = by_name().with_only_columns(Organization.id, Organization.name)
    return [(number, name) for number, name in db.session.execute(query)]


def save(organization: Organization, values: Mapping[str, Any], opened_on: int = 0) -> Organization:
    """Set the values on a new organization or one that there is, and return it; raises Refused, Collision.

    A member without a code gets one made of its name. Where the values say neither, both stay as they are.
    """
    values = {"is_member": bool(organization.is_member), "via": organization.via, **values}
    if organization.id is not None:
        changes.claim(organization, "organization", opened_on)
    name, via = values["name"].strip(), (values.get("via") or "").strip().lower() or None
    if via is None and values["is_member"]:
        via = _free_code(name, organization.id)
    _check(organization.id, name, via)
    changes.keep(organization, "organization", {**values, "name": name, "via": via})
    if via is not None:
        db.session.flush()
        for give in credits.member_codes:
            give(organization.id, name, via)
    return organization


def may_edit(organization: Organization, own_id: int | None) -> bool:
    """Tell whether staff of that organization (None: the coalition’s own) edit this one: of members, only theirs."""
    return own_id is None or not organization.is_member or organization.id == own_id


def link(organization: Organization) -> str:
    """Return the sign-up link that credits the organization, or "" where it has no code."""
    return public_url(f"/signup?via={organization.via}") if organization.via else ""


def _check(own_id: int | None, name: str, via: str | None) -> None:
    if _taken(own_id, func.lower(Organization.name) == name.lower()):
        raise Refused("There is an organization of that name already. Open that one, or choose another name.", "name")
    if via is None:
        return
    if len(via) > 32 or not slugs.SHAPE.fullmatch(via) or SHARE_CODE.fullmatch(via):
        raise Refused("Use letters a to z, figures and single hyphens, at most 32, for example harbor-college.", "via")
    if _taken(own_id, Organization.via == via):
        raise Refused("Another organization has that code. Choose another.", "via")


def _taken(own_id: int | None, condition: Any) -> bool:
    query = select(Organization.id).where(condition)
    if own_id is not None:
        query = query.where(Organization.id != own_id)
    with db.session.no_autoflush:
        return db.session.scalar(query.limit(1)) is not None


def _free_code(name: str, own_id: int | None) -> str:
    wish = slugs.of(name, 26) or "member"
    taken = slugs.taken(wish, Organization.via, Organization.id.is_distinct_from(own_id))
    return slugs.free(wish, taken | {wish} if SHARE_CODE.fullmatch(wish) else taken)
