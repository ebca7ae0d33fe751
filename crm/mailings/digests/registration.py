"""What digests add to the staff pages, which segments they need, and what a restored copy holds."""

from flask import url_for
from sqlalchemy import select

from crm.base import registries
from crm.extensions import db
from crm.mailings.approval import people
from crm.mailings.digests import editing
from crm.mailings.digests.models import Digest


def register() -> None:
    """Add to the menu; tell which segments are needed, and what a restored copy holds."""
    entry = registries.MenuEntry("Digests", "digests_staff.index", "mailings.see", 43, within="mailings")
    registries.menu.add("digests", entry)
    people.writers.add("digests", editing.writers)
    registries.segment_users.add("digests", users_of_segment)
    registries.holds.add("digests", registries.Hold("digests that wait for your word", editing.hold_restored, "digest"))


def users_of_segment(segment_id: int) -> list[tuple[str, str]]:
    """Return the name and the page of each digest that names the segment."""
    query = select(Digest).where(Digest.segment_id == segment_id).order_by(Digest.name)
    found = db.session.scalars(query)
    return [(f"the digest “{one.name}”", url_for("digests_staff.show", digest_id=one.id)) for one in found]
