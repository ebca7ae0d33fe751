"""Influencers whom staff choose as targets: by name, by committee, or by a segment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.contacts import segments
from crm.contacts.models import Contact, Segment
from crm.extensions import db
from crm.influencers import access, finding
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat

Pairs = list[tuple[str, str]]


def committees(user: User) -> Pairs:
    """Return code and name of the committees that somebody on record sits on."""
    query = select(CommitteeSeat.code, func.max(CommitteeSeat.name), func.count(CommitteeSeat.influencer_id.distinct()))
    query = query.join(Influencer, Influencer.id == CommitteeSeat.influencer_id)
    query = query.where(CommitteeSeat.until.is_(None), access.influencers(user)).group_by(CommitteeSeat.code)
    return [
        (code, f"{name} ({number})") for code, name, number in db.session.execute(query.order_by(CommitteeSeat.code))
    ]


def of_segments() -> Pairs:
    """Return the segments that there are."""
    return [(str(one.id), one.name) for one in segments.everything()]


def by_name(typed: str, user: User) -> Sequence[Influencer]:
    """Return the influencer whom a name means; raises Refused where that is nobody, or several."""
    found = finding.matching(typed, user)
    if not found:
        raise Refused("No influencer is called so. Type a name that is on record.", "who")
    if len(found) > 1:
        names = "; ".join(finding.label(one) for one in found[:5])
        raise Refused(f"Several may be meant: {names}. Type one of these in full.", "who")
    return found


def by_committee(code: str, user: User) -> Sequence[Influencer]:
    """Return who sits on the committee of that code."""
    sits = (CommitteeSeat.code == code) & CommitteeSeat.until.is_(None)
    query = _seen(user).where(Influencer.committees.any(sits))
    return db.session.scalars(query).all()


def by_segment(segment_id: int, user: User) -> Sequence[Influencer]:
    """Return the influencers in a segment; raises Refused where there is no such segment."""
    segment = db.session.get(Segment, segment_id)
    if segment is None:
        raise Refused("This segment is gone. Choose another one.", "segment")
    return db.session.scalars(_seen(user).where(segments.clause(segment.definition))).all()


def _seen(user: User) -> Select[Any]:
    query = select(Influencer).join(Influencer.contact).where(access.influencers(user))
    return query.options(joinedload(Influencer.contact)).order_by(func.lower(Contact.last_name), Influencer.id)
