"""Keeping the library: resources are written, published, withdrawn."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.base import audit, changes, clock, slugs
from crm.base.changes import Refused
from crm.base.locales import LANGUAGES
from crm.contacts.models import Topic
from crm.extensions import db
from crm.resources import indexing
from crm.resources.models import Resource, ResourceFile

THING = "resource"
LONGEST_SLUG = 60
NOTHING_FOR_AN_ADDRESS = "It has no file or link that could be given for an address. Add one, or make it free."
RESERVED = frozenset({"covers", "files", "given"})  # Addresses of their own lie below these.


def save(resource: Resource, values: Mapping[str, Any], opened_on: int = 0) -> Resource:
    """Set the values on a new resource or one that there is, and return it; raises Refused, Collision."""
    if resource.id is not None:
        changes.claim(resource, THING, opened_on)
    values = dict(values)
    titles = {code: values.get(f"title_{code}", "") for code in LANGUAGES}
    if not any(titles.values()):
        raise Refused("Give the title in one language at least.", "title_en")
    gate, url = (values.get(name, getattr(resource, name)) for name in ("gate", "url"))
    if resource.state == "published" and gate == "address" and lacks(resource, resource.current_files, url, gate):
        raise Refused(NOTHING_FOR_AN_ADDRESS, "gate")
    wanted = values.pop("slug", None)
    if resource.id is None or resource.published_at is None:
        values["slug"] = _slug(resource, wanted or "", titles)
    resource.version = resource.version or 1
    for column in ("titles", "summaries", "bodies", "transcripts"):
        setattr(resource, column, getattr(resource, column) or {})
    changes.keep(resource, THING, values)
    indexing.index(resource)
    return resource


def publish(resource: Resource) -> None:
    """Show a resource to everybody; raises Refused where something is missing."""
    changes.lock(resource)
    if not resource.published_on:
        raise Refused("Give the date on which it came out, then publish it.", "published_on")
    if lacks(resource, resource.current_files, resource.url, ""):
        raise Refused("Add a file, a link or a text, then publish it.", "url")
    if lacks(resource, resource.current_files, resource.url, resource.gate):
        raise Refused(NOTHING_FOR_AN_ADDRESS, "gate")
    _turn(resource, "published")
    resource.published_at = resource.published_at or clock.now()


def lacks(resource: Resource, files: Sequence[ResourceFile], url: str, gate: str) -> bool:
    """Tell whether it would have nothing to give with these files and that link, to everybody or for an address."""
    texts = gate != "address" and (resource.bodies or resource.transcripts)
    return not (files or url or texts)


def withdraw(resource: Resource) -> None:
    """Take a resource off the site; its page says so, and its files are given to nobody."""
    changes.lock(resource)
    _turn(resource, "withdrawn")


def delete(resource: Resource) -> list[str]:
    """Delete a draft that was never published; return the names of its files, for whoever commits to remove them."""
    changes.lock(resource)
    if resource.published_at is not None:
        raise Refused("It was published, so its address is known to people. Withdraw it instead.", "")
    audit.record("delete", THING, resource.id, title=[resource.name, None])
    names = [file.token for file in resource.files]
    db.session.delete(resource)
    return names


def named(slug: str) -> Resource | None:
    """Return the resource of that address."""
    return db.session.scalar(select(Resource).where(Resource.slug == slug))


def topics() -> dict[str, Topic]:
    """Return the public topics, by their slugs."""
    query = select(Topic).where(Topic.public).order_by(Topic.position, Topic.id)
    return {topic.slug: topic for topic in db.session.scalars(query)}


def all_tokens() -> set[str]:
    """Return the tokens of all files that are kept."""
    return set(db.session.scalars(select(ResourceFile.token).where(ResourceFile.replaced_at.is_(None))))


def _turn(resource: Resource, state: str) -> None:
    audit.record("edit", THING, resource.id, state=[resource.state, state])
    resource.state = state


def _slug(resource: Resource, wanted: str, titles: Mapping[str, str]) -> str:
    if wanted and (len(wanted) > LONGEST_SLUG or not slugs.SHAPE.fullmatch(wanted)):
        raise Refused(
            "Use letters a to z, figures and single hyphens, at most 60, for example idle-skills-2026.", "slug"
        )
    if wanted:
        if wanted in _taken(wanted, resource.id):
            raise Refused("Another resource has that address. Choose another.", "slug")
        return wanted
    if resource.slug and resource.id is not None:
        return resource.slug
    made = (slugs.of(title, LONGEST_SLUG - 5) for title in titles.values())
    wish = next(filter(None, made), f"resource-{secrets.token_hex(3)}")
    return slugs.free(wish, _taken(wish, resource.id))


def _taken(wish: str, own_id: int | None) -> set[str]:
    return slugs.taken(wish, Resource.slug, Resource.id.is_distinct_from(own_id)) | RESERVED
