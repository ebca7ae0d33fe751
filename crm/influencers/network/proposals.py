"""Proposed influencers and acquaintances: other subjects propose, staff accept or dismiss.

Each proposal names by a key what it comes from. The same key proposes nothing twice, not even what was dismissed.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Refused, lock
from crm.base.database import insert_into
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, profiles
from crm.influencers.models import Influencer
from crm.influencers.network import acquaintances
from crm.influencers.network.acquaintances import ACCEPTED, DISMISSED, PROPOSED, SHOWN, Knower
from crm.influencers.network.models import Acquaintance, InfluencerProposal


def propose(contact: Contact, *, source: str, source_key: str, why: str, organization_id: int | None = None) -> bool:
    """Propose that the contact become an influencer, of all members or of one; return whether that is new.

    `source` is a word that staff read, e.g. "Library"; `source_key` tells what exactly proposes, e.g. "paper:7:12".
    Who is an influencer already is not proposed.
    """
    if profiles.of(contact):
        return False
    values = {"contact_id": contact.id, "source": source, "source_key": source_key, "why": why}
    values |= {"organization_id": organization_id, "state": PROPOSED, "created_at": clock.now()}
    added = insert_into(InfluencerProposal).values(values).on_conflict_do_nothing(index_elements=["source_key"])
    return db.session.execute(added.returning(InfluencerProposal.id)).first() is not None


def propose_acquaintance(
    contact: Contact,
    knower: Knower,
    *,
    source: str,
    source_key: str,
    strength: int = 3,
    kind: str = "other",
    remark: str = "",
    last_contact_on: date | None = None,
    organization_id: int | None = None,
) -> bool:
    """Propose that the knower knows the contact, to the staff of that organization; return whether that is new.

    What is on record already, or waits there already, is not proposed.
    """
    if knower.contact is not None and knower.contact.id == contact.id:
        return False
    known = acquaintances.on_record(contact, knower, organization_id)
    if known is not None and known.state != DISMISSED:
        return False
    values = {"contact_id": contact.id, "source": source, "source_key": source_key, "strength": strength, "kind": kind}
    values |= {"remark": remark, "last_contact_on": last_contact_on, "organization_id": organization_id}
    values |= {"state": PROPOSED, "seen_by": "own", "version": 1, "created_at": clock.now(), **knower.columns()}
    added = insert_into(Acquaintance).values(values).on_conflict_do_nothing(index_elements=["source_key"])
    return db.session.execute(added.returning(Acquaintance.id)).first() is not None


def waiting(user: User) -> Sequence[InfluencerProposal]:
    """Return the proposed influencers that the user may decide on, the oldest first; SHOWN at most.

    Those who became influencers meanwhile are left out, where the user sees that they did.
    """
    known = select(Influencer.id).where(Influencer.contact_id == InfluencerProposal.contact_id)
    query = select(InfluencerProposal).where(InfluencerProposal.state == PROPOSED, access.proposals(user))
    query = query.where(~known.where(access.influencers(user)).exists())
    query = query.options(joinedload(InfluencerProposal.contact), joinedload(InfluencerProposal.organization))
    return db.session.scalars(query.order_by(InfluencerProposal.id).limit(SHOWN)).all()


def find(number: int, user: User) -> InfluencerProposal | None:
    """Return the proposal, where the user may decide on it."""
    return db.session.scalar(select(InfluencerProposal).where(InfluencerProposal.id == number, access.proposals(user)))


def accept(proposal: InfluencerProposal, user: User) -> Influencer:
    """Make the contact an influencer whom the user owns, and return it; raises Refused where that was decided.

    Whatever else proposes the same contact to the user is accepted with it.
    """
    _decide(proposal, ACCEPTED, user)
    others = update(InfluencerProposal).where(InfluencerProposal.contact_id == proposal.contact_id)
    others = others.where(InfluencerProposal.state == PROPOSED, access.proposals(user))
    db.session.execute(others.values(state=ACCEPTED, decided_by_id=user.id, decided_at=proposal.decided_at))
    values = {"basis": f"{proposal.source}: {proposal.why}".rstrip(": "), "owner_id": user.id}
    return profiles.add(proposal.contact, {**values, "organization_id": proposal.organization_id}, user)


def dismiss(proposal: InfluencerProposal, user: User) -> None:
    """Take it off the list for good; raises Refused where that was decided already."""
    _decide(proposal, DISMISSED, user)


def _decide(proposal: InfluencerProposal, state: str, user: User) -> None:
    lock(proposal)
    if proposal.state != PROPOSED:
        by = f" by {proposal.decided_by.name}" if proposal.decided_by else ""
        raise Refused(f"This was {proposal.state} already{by}.", "state")
    proposal.state, proposal.decided_by_id, proposal.decided_at = state, user.id, clock.now()
    db.session.flush()
