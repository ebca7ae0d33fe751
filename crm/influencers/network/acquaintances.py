"""Who knows whom: entered, changed, proposed, accepted or dismissed, removed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from crm.accounts.models import User
from crm.base import audit, changes
from crm.base.changes import Refused
from crm.contacts.forgetting.forgetting import FORGOTTEN
from crm.contacts.models import Contact
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.influencers import access
from crm.influencers.access import SEEN_BY
from crm.influencers.network.models import Acquaintance
from crm.organizations.models import Organization

STRENGTHS = {5: "very well", 4: "well", 3: "fairly well", 2: "a little", 1: "barely"}
KINDS = {
    "colleague": "Colleagues",
    "board": "On a board together",
    "studied": "Studied together",
    "neighbor": "Neighbors",
    "friend": "Friends",
    "family": "Family",
    "client": "Client and provider",
    "other": "Something else",
}
PROPOSED, ACCEPTED, DISMISSED = "proposed", "accepted", "dismissed"
BY_STAFF = "Entered by staff"
SHOWN = 100


@dataclass(frozen=True)
class Knower:
    """Who knows somebody: one of the three."""

    contact: Contact | None = None
    user: User | None = None
    organization: Organization | None = None

    def columns(self) -> dict[str, int | None]:
        """Return the columns of an acquaintance that say so."""
        return {
            "knower_contact_id": self.contact.id if self.contact else None,
            "knower_user_id": self.user.id if self.user else None,
            "knower_organization_id": self.organization.id if self.organization else None,
        }


def add(contact: Contact, knower: Knower, values: Mapping[str, Any], user: User | None) -> Acquaintance:
    """Keep that the knower knows the contact, for the user's organization, and return it; raises Refused.

    What was only proposed before is accepted by it, and what was dismissed comes back.
    """
    if knower.contact is not None and knower.contact.id == contact.id:
        raise Refused("That is the same person. Name somebody else.", "contact")
    _check(values)
    owner = user.organization_id if user else None
    found = on_record(contact, knower, owner)
    if found is not None and found.state == ACCEPTED:
        raise Refused("This is on record already. Edit it in the list of who knows them.", "contact")
    row = found or Acquaintance(contact_id=contact.id, organization_id=owner, seen_by="own", **knower.columns())
    if found is None:
        row.source, row.entered_by_id = BY_STAFF, user.id if user else None
    changes.keep(row, "acquaintance", {**values, "state": ACCEPTED})
    return row


def edit(row: Acquaintance, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the values; raises Refused, and Collision where somebody else changed it after that version."""
    _check(values)
    changes.claim(row, "acquaintance", opened_on)
    changes.keep(row, "acquaintance", values)


def decide(row: Acquaintance, state: str) -> None:
    """Accept or dismiss what was proposed; raises Refused where that was decided already."""
    changes.lock(row)
    if row.state != PROPOSED:
        raise Refused(f"This was {row.state} already.", "state")
    changes.keep(row, "acquaintance", {"state": state})


def remove(row: Acquaintance) -> None:
    """Delete it for good; that it was there stays in the audit trail, without the remark."""
    audit.record("delete", "acquaintance", row.id, contact=row.contact_id)
    db.session.delete(row)


@dataclass(frozen=True)
class Found:
    """Who knows a contact, others that were asked for by id, and who of all these contacts asked to be erased."""

    of_contact: list[Acquaintance]
    by_id: dict[int, Acquaintance]
    forgotten: set[int]


def of(contact: Contact, user: User | None, besides: Collection[int] = ()) -> Found:
    """Return who knows the contact and whom the contact knows, as far as the user sees it, and those `besides`.

    The strongest come first; SHOWN at most. All is read at once.
    """
    ends = or_(Acquaintance.contact_id == contact.id, Acquaintance.knower_contact_id == contact.id)
    order = (Acquaintance.strength.desc(), Acquaintance.last_contact_on.desc().nulls_last(), Acquaintance.id)
    strongest = select(Acquaintance.id, literal(1).label("listed"))
    strongest = strongest.where(ends, Acquaintance.state != DISMISSED, access.acquaintances(user))
    others = select(Acquaintance.id, literal(0)).where(Acquaintance.id.in_(besides))
    wanted = union_all(select(strongest.order_by(*order).limit(SHOWN).subquery()), others).subquery()
    ends_gone = (_forgotten(Acquaintance.contact_id), _forgotten(Acquaintance.knower_contact_id))
    query = _loaded(None).add_columns(wanted.c.listed, *ends_gone).join(wanted, wanted.c.id == Acquaintance.id)
    rows = db.session.execute(query.order_by(*order)).all()
    gone = {row.contact_id for row, _, is_gone, _ in rows if is_gone}
    gone |= {row.knower_contact_id for row, _, _, is_gone in rows if is_gone}
    return Found([row for row, listed, *_ in rows if listed], {row.id: row for row, *_ in rows}, gone)


def proposed(user: User) -> Sequence[Acquaintance]:
    """Return what waits for the user's staff to decide, the oldest first; SHOWN at most."""
    query = _loaded(user).where(Acquaintance.state == PROPOSED, access.own_acquaintances(user))
    return db.session.scalars(query.order_by(Acquaintance.id).limit(SHOWN)).all()


def find(number: int, user: User) -> Acquaintance | None:
    """Return the one of that id, where the user may change it."""
    return db.session.scalar(_loaded(user).where(Acquaintance.id == number, access.own_acquaintances(user)))


def on_record(contact: Contact, knower: Knower, owner: int | None) -> Acquaintance | None:
    """Return what the staff of that organization have of the same two, either way round between contacts."""
    same: ColumnElement[bool] = Acquaintance.contact_id == contact.id
    for name, number in knower.columns().items():
        same &= getattr(Acquaintance, name).is_not_distinct_from(number)
    if knower.contact is not None:
        same |= (Acquaintance.contact_id == knower.contact.id) & (Acquaintance.knower_contact_id == contact.id)
    own = Acquaintance.organization_id.is_not_distinct_from(owner)
    dismissed = Acquaintance.state == DISMISSED
    return db.session.scalar(select(Acquaintance).where(same, own).order_by(dismissed, Acquaintance.id).limit(1))


def _loaded(user: User | None) -> Select[Any]:
    ends = (Acquaintance.contact, Acquaintance.knower_contact, Acquaintance.knower_user)
    others = (Acquaintance.knower_organization, Acquaintance.entered_by, Acquaintance.organization)
    return select(Acquaintance).where(access.acquaintances(user)).options(*(joinedload(end) for end in ends + others))


def _forgotten(contact_id: Any) -> ColumnElement[bool]:
    """Return whether a contact asked to be erased: once that is done, the rows are gone, and this is for before."""
    gone = aliased(Contact)
    query = select(Suppression.reason).join(gone, gone.address_hash == Suppression.address_hash)
    return query.where(gone.id == contact_id, Suppression.reason == FORGOTTEN).correlate(Acquaintance).exists()


def _check(values: Mapping[str, Any]) -> None:
    if "strength" in values and values["strength"] not in STRENGTHS:
        raise Refused("Say how well, from 1 to 5.", "strength")
    if "kind" in values and values["kind"] not in KINDS:
        raise Refused("Choose how they know each other.", "kind")
    if "seen_by" in values and values["seen_by"] not in SEEN_BY:
        raise Refused("Choose who sees it.", "seen_by")
