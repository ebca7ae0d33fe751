"""Organizations whose people read a resource, proposed to the staff: without a word on who they are.

Counted are people who agreed that we keep by name what they follow (contacts.click_consent), and no others. It takes
three different people, so that nobody can be told from it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.base.database import insert_into, looking
from crm.contacts.click_consent.models import ClickConsent
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations import members
from crm.organizations.models import Organization
from crm.resources import indexing
from crm.resources.models import Download, Resource, ResourceProposal

ENOUGH = 3  # people
CHUNK = 50  # proposals of one transaction
PLACE = (ResourceProposal.resource_id, ResourceProposal.key)
THING = "resource_proposal"


def propose() -> int:
    """Propose who has become due, and take back what is no longer so; returns how many are new. A job.

    Commits after every 50; what was not committed before is dropped.
    """
    with looking():
        found = _readers()
        columns = (ResourceProposal.id, *PLACE, ResourceProposal.state, ResourceProposal.readers)
        before = {(row.resource_id, row.key): row for row in db.session.execute(select(*columns))}
    new = 0
    for number, (place, (name, readers)) in enumerate(found.items(), 1):
        known = before.get(place)
        new += _add(*place, name, readers) if known is None else _read_again(known, readers)
        if number % CHUNK == 0:
            db.session.commit()
    gone = [row.id for place, row in before.items() if row.state == "open" and place not in found]
    if gone:
        over = (ResourceProposal.id.in_(gone), ResourceProposal.state == "open")
        db.session.execute(delete(ResourceProposal).where(*over))
    db.session.commit()
    return new


def waiting() -> int:
    """Return how many wait for somebody's word."""
    return db.session.scalar(select(func.count()).where(ResourceProposal.state == "open")) or 0


def listed() -> Sequence[ResourceProposal]:
    """Return those that wait, then those that were decided, the newest first."""
    order = ((ResourceProposal.state == "open").desc(), ResourceProposal.created_at.desc(), ResourceProposal.id.desc())
    return db.session.scalars(select(ResourceProposal).order_by(*order).limit(200)).all()


def accept(proposal: ResourceProposal) -> Organization:
    """Return the organization on record, made where there was none of that name; raises Refused."""
    _claim(proposal)
    same = select(Organization).where(func.lower(Organization.name) == proposal.name.lower())
    organization = db.session.scalar(same)
    if organization is None:
        values = {"name": proposal.name, "kind": "other", "website": ""}
        organization = members.save(Organization(), values)
    proposal.organization_id = organization.id
    _decide(proposal, "accepted")
    return organization


def dismiss(proposal: ResourceProposal) -> None:
    """Let it not come back for the same readers; raises Refused."""
    _claim(proposal)
    _decide(proposal, "dismissed")


def _readers() -> dict[tuple[int, str], tuple[str, int]]:
    """Return by resource and folded name of an organization how it is written most, and how many of its people read."""
    query = select(Download.resource_id, Contact.organization_name, func.count(Contact.id.distinct()))
    query = query.join(Contact, Contact.id == Download.contact_id)
    query = query.join(ClickConsent, ClickConsent.contact_id == Contact.id)
    query = query.join(Resource, Resource.id == Download.resource_id).where(Contact.organization_name != "")
    rows = db.session.execute(query.group_by(Download.resource_id, Contact.organization_name))
    found: dict[tuple[int, str], tuple[str, int]] = {}
    for resource_id, name, readers in sorted(rows, key=lambda row: -row[2]):
        place = (resource_id, " ".join(indexing.words(name))[:200])
        first, others = found.get(place, (name, 0))
        found[place] = (first, others + readers)
    own = {" ".join(indexing.words(name)) for _, name in members.names()}
    return {place: told for place, told in found.items() if told[1] >= ENOUGH and place[1] and place[1] not in own}


def _add(resource_id: int, key: str, name: str, readers: int) -> bool:
    row = insert_into(ResourceProposal).values(resource_id=resource_id, key=key, name=name, readers=readers)
    number = db.session.scalar(row.on_conflict_do_nothing().returning(ResourceProposal.id))
    if number is not None:
        audit.record("propose", THING, number, name=[None, name])
    return number is not None


def _read_again(known: Any, readers: int) -> bool:
    """Keep how many readers there are now, unless staff have decided meanwhile; tells whether it is proposed anew."""
    anew = known.state == "dismissed" and readers >= known.readers + ENOUGH
    if not anew and (known.state != "open" or readers == known.readers):
        return False
    values: dict[str, Any] = {"readers": readers}
    if anew:
        values |= {"state": "open", "created_at": clock.now(), "decided_at": None, "decided_by": ""}
    same = (ResourceProposal.id == known.id, ResourceProposal.state == known.state)
    done = db.session.execute(update(ResourceProposal).where(*same).values(values))
    return anew and done.rowcount == 1  # type: ignore[attr-defined]


def _claim(proposal: ResourceProposal) -> None:
    changes.lock(proposal)
    if proposal.state != "open":
        raise Refused("Somebody has decided about it already.", "")


def _decide(proposal: ResourceProposal, state: str) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by = state, clock.now(), audit.actor()
    audit.record("decide", THING, proposal.id, state=["open", state])
