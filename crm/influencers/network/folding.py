"""Who knows whom, when two contacts become one: nobody knows oneself, and what stands there twice becomes one entry."""

from collections.abc import Hashable

from sqlalchemy import or_, select

from crm.extensions import db
from crm.influencers.network import acquaintances
from crm.influencers.network.acquaintances import ACCEPTED, DISMISSED, PROPOSED
from crm.influencers.network.models import Acquaintance

RANKS = {ACCEPTED: 2, PROPOSED: 1, DISMISSED: 0}


def fold(kept: int, gone: int) -> None:
    """Let entries about the contact that goes be about the one that is kept."""
    both = (kept, gone)
    ends = or_(Acquaintance.contact_id.in_(both), Acquaintance.knower_contact_id.in_(both))
    rows = db.session.scalars(select(Acquaintance).where(ends).order_by(Acquaintance.id).with_for_update()).all()
    present: dict[Hashable, Acquaintance] = {}
    for row in sorted(rows, key=lambda row: (-RANKS[row.state], -row.strength, row.id)):
        contact_id = kept if row.contact_id == gone else row.contact_id
        knower_id = kept if row.knower_contact_id == gone else row.knower_contact_id
        if contact_id == knower_id:
            acquaintances.remove(row)
            continue
        people = frozenset({("contact", contact_id), ("contact", knower_id)}) if knower_id else contact_id
        key = (people, row.knower_user_id, row.knower_organization_id, row.organization_id)
        if key in present:
            _fold_into(present[key], row)
        else:
            row.contact_id, row.knower_contact_id = contact_id, knower_id
            present[key] = row
    db.session.flush()


def _fold_into(kept: Acquaintance, row: Acquaintance) -> None:
    """Keep the stronger entry, with what only the other one says; all members see it where they saw both."""
    if row.remark and row.remark not in kept.remark:
        kept.remark = f"{kept.remark}\n\n{row.remark}".strip()
    kept.last_contact_on = max(filter(None, (kept.last_contact_on, row.last_contact_on)), default=None)
    if row.seen_by == "own":
        kept.seen_by = "own"
    kept.version += 1
    source_key = row.source_key
    acquaintances.remove(row)
    db.session.flush()
    kept.source_key = kept.source_key or source_key
