"""A resource as a block of mailings and pages: its title, what it is about, and a button."""

import html
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from crm.base import locales
from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.contacts import known
from crm.extensions import db
from crm.resources import asking, citing
from crm.resources.models import Resource

NEWEST = "newest"
"""The choice that always means the resource which came out last."""
OFFERED = 200


def kind() -> BlockKind:
    """Return the kind of block that tells of a resource."""
    return BlockKind("Resource of the library", [BlockField("resource", "Which", "choice", choices)], 85, say)


def choices() -> list[tuple[str, str]]:
    """Return the published resources, the latest first."""
    shown = [(str(one.id), one.name) for one in db.session.scalars(_published().limit(OFFERED))]
    return [(NEWEST, "The one that came out last"), *shown] if shown else []


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return title, summary and a button; nothing where it is not shown any more."""
    resource = _chosen(str(values.get("resource", "")))
    if resource is None or resource.state != "published":
        return []
    title, summary = (locales.said(texts, language).text for texts in (resource.titles, resource.summaries))
    told = [{"kind": "heading", "text": title or resource.name, "level": "2"}]
    told += [{"kind": "text", "html": f"<p>{html.escape(summary)}</p>"}] if summary else []
    return [*told, {"kind": "button", "text": gettext("Read it in our library"), "url": _address(resource, language)}]


def _address(resource: Resource, language: str) -> str:
    """Return where the button leads; who needs an address for it is known there by the mail."""
    if resource.gate == "address":
        return f"{known.address(asking.KIND, resource.id)}&lang={language}"
    return f"{citing.address(resource)}?lang={language}"


def _chosen(choice: str) -> Resource | None:
    if choice == NEWEST:
        return db.session.scalars(_published().limit(1)).first()
    return db.session.get(Resource, row_number(choice))


def _published() -> Any:
    query = select(Resource).where(Resource.state == "published")
    return query.order_by(Resource.published_on.desc().nulls_last(), Resource.id.desc())
