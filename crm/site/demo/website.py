"""The website of the sample coalition: what members do, pages, posts and a story."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from crm.assistance import requesting
from crm.assistance.models import AssistanceRequest
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings.blocks.checking import cleaned
from crm.organizations.models import Organization
from crm.organizations.offering.models import MemberProfile, MemberService
from crm.site.demo.coalition import Stage
from crm.site.pages import keeping
from crm.site.pages.models import SitePage, SitePageRevision

TEXTS = Path(__file__).with_suffix(".yaml")
LANGUAGES = ("en", "es", "ar")


def add(stage: Stage, active: Sequence[Contact]) -> None:
    """Add the public side of the members that the sample brings, the pages, and requests for assistance."""
    told = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    for member in stage.members:
        if member.via in told["members"]:
            _describe(member, told["members"][member.via])
    for page in told["pages"]:
        _write(stage, page)
    for person, one in zip(active[5:], told["requests"], strict=False):
        _ask(stage, person, one)


def _describe(member: Organization, told: dict[str, Any]) -> None:
    member.website = told["website"]
    profile = MemberProfile(organization_id=member.id, abouts=told["about"])
    profile.email, profile.phone = told.get("email", ""), told.get("phone", "")
    db.session.add(profile)
    for one in told["services"]:
        places = {name: one.get(name, []) for name in ("states", "professions", "languages")}
        service = MemberService(organization_id=member.id, names=one["name"], descriptions=one["description"], **places)
        db.session.add(service)


def _write(stage: Stage, told: dict[str, Any]) -> None:
    fixed = told.get("fixed")
    if fixed and db.session.scalar(select(SitePage.id).where(SitePage.fixed == fixed)):
        return
    content = {code: {**told[code], "blocks": cleaned(told[code]["blocks"])} for code in LANGUAGES if code in told}
    at = stage.now - timedelta(days=told["days"], hours=3)
    slug = fixed or keeping.free_slug(told["kind"], content["en"]["title"])
    page = SitePage(kind=told["kind"], fixed=fixed, slug=slug, language="en", content=content, shown=content)
    page.published_at = page.changed_at = page.created_at = page.updated_at = at
    if told["kind"] == "story":
        page.agreed_by, page.agreed_on = told["agreed_by"], at.date() - timedelta(days=6)
    db.session.add(page)
    db.session.flush()
    who = stage.staff[0].email
    db.session.add(SitePageRevision(page_id=page.id, at=at, who=who, content=content))


def _ask(stage: Stage, person: Contact, told: dict[str, Any]) -> None:
    at = stage.now - timedelta(days=told["days"], hours=2)
    row = AssistanceRequest(
        contact_id=person.id, asked_at=at, subject=told["subject"], text=told["text"], language="en"
    )
    row.organization_name, row.outcome = told.get("organization", ""), told.get("outcome", "")
    row.due_on = at.date() + requesting.ANSWERED_WITHIN
    if row.outcome:
        row.state, row.owner_id, row.closed_at = "closed", stage.staff[0].id, at + timedelta(days=4)
    db.session.add(row)
