"""Asking new supporters whether they know some influencers, whom their owners named for it.

Off by default (ASK_WHO_YOU_KNOW). Whoever is named stands on a public page, so only the owner or an admin names them.
The answers are proposals, for the staff who keep the influencer.
"""

from collections.abc import Collection, Sequence
from typing import Any

from flask import current_app, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import audit
from crm.base.changes import Refused
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer
from crm.influencers.network import proposals
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import AskedAbout

MOST = 8
SOURCE = "Sign-up"


def is_on() -> bool:
    """Tell whether this installation asks at all."""
    return bool(current_app.config["ASK_WHO_YOU_KNOW"])


def may_name(influencer: Influencer, user: User) -> bool:
    """Tell whether the user decides that the influencer is named in public: the owner, an admin of whose it is."""
    return influencer.owner_id == user.id or (user.role == "admin" and access.may_hide(user, influencer))


def is_named(influencer: Influencer) -> bool:
    """Tell whether new supporters are asked about the influencer."""
    return db.session.get(AskedAbout, influencer.id) is not None


def name(influencer: Influencer, named: bool, user: User) -> None:
    """Ask new supporters about the influencer, or no more; raises Refused."""
    if not may_name(influencer, user):
        raise Refused("Only the owner or an admin decides who is named in public.", "named")
    found = db.session.get(AskedAbout, influencer.id)
    if named == (found is not None):
        return
    if found is not None:
        db.session.delete(found)
    elif len(everybody()) >= MOST:
        raise Refused(f"New supporters are asked about {MOST} people already. Take somebody off first.", "named")
    else:
        db.session.add(AskedAbout(influencer_id=influencer.id, named_by_id=user.id))
    audit.record("name_in_public" if named else "name_no_more", "influencer", influencer.id)


def everybody() -> Sequence[Influencer]:
    """Return the influencers whom new supporters are asked about, in the order they were named."""
    query = select(Influencer).join(AskedAbout, AskedAbout.influencer_id == Influencer.id)
    query = query.options(joinedload(Influencer.contact)).order_by(AskedAbout.named_at, Influencer.id)
    return db.session.scalars(query).all()


def question(contact_id: int, token: str) -> dict[str, Any] | None:
    """Return what the page after the sign-up asks: of whom, never of the contact; None where nothing is asked."""
    if not is_on():
        return None
    people = [(one.id, one.name) for one in everybody() if one.contact_id != contact_id]
    return {"token": token, "people": people, "told": "told" in request.args} if people else None


def answer(contact: Contact, chosen: Collection[str]) -> int:
    """Propose that the contact knows those chosen, of whom was asked; return how many are new."""
    known = Knower(contact=contact)
    return sum(
        proposals.propose_acquaintance(
            one.contact,
            known,
            source=SOURCE,
            source_key=f"sign-up:{contact.id}:{one.contact_id}",
            organization_id=one.organization_id,
        )
        for one in everybody()
        if str(one.id) in chosen
    )
