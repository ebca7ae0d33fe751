"""Organizations under a letter: added once the address of who signs is proven, accepted, declined, withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, true, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.actions import receipts
from crm.actions.models import Action
from crm.actions.sign_on import further
from crm.actions.sign_on.models import SignOn
from crm.base import audit, clock
from crm.base.changes import Refused
from crm.base.database import insert_into
from crm.base.deeds import Done
from crm.base.words import one_line
from crm.contacts import joining, timeline
from crm.contacts.keys import name_key_of
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations.models import Organization

DEED = "sign_on"
WAITING, ACCEPTED, DECLINED, WITHDRAWN = "waiting", "accepted", "declined", "withdrawn"
STATES = {WAITING: "Waits", ACCEPTED: "Accepted", DECLINED: "Declined", WITHDRAWN: "Withdrawn"}
TONES = {WAITING: "warn", ACCEPTED: "good", DECLINED: "bad", WITHDRAWN: ""}


def settle(done: Done) -> None:
    """Add the organization, once; one that was declined or withdrawn before waits anew."""
    action, contact = db.session.get(Action, done.deed.about_id), db.session.get_one(Contact, done.contact_id)
    name = one_line(str(done.deed.details.get("organization_name", "")))[:200]
    if action is None or not name_key_of(name):
        return
    signer = one_line(f"{done.deed.details.get('first_name', '')} {done.deed.details.get('last_name', '')}")[:200]
    values = {"contact_id": contact.id, "signer": signer, "source_id": done.source_id, "new": done.new, "at": done.at}
    values["signer_title"] = one_line(str(done.deed.details.get("signer_title", "")))[:200]
    number = _put(action, name, values)
    if number is None:
        further.keep(action, name, values)
    else:
        further.drop(action, name, contact.id)
        page = f"/actions/{action.slug}"
        timeline.record(contact, "action", f"Signed for {name}: {action.title()}", page, actor="visitor", at=done.at)
        receipts.signed_for(action, contact, number)


def sign_for_member(action: Action, user: User, signer: str, title: str) -> None:
    """Let a member's own staff sign for it; it is accepted at once. Raises Refused."""
    own = user.organization
    if own is None:
        raise Refused("Only the staff of a member sign for it here. Others use the public page.", "signer")
    values = {"contact_id": None, "signer": signer, "signer_title": title, "source_id": None, "new": False}
    number = _put(action, own.name, {**values, "at": clock.now()})
    if number is None:
        raise Refused("Your organization stands in the list already. Accept it there.", "signer")
    decide(db.session.get_one(SignOn, number), ACCEPTED, user)


def is_late(action: Action, at: Any) -> bool:
    """Tell whether that moment is past the soft deadline."""
    return action.soft_closes_at is not None and at > action.soft_closes_at


def decide(row: SignOn, state: str, user: User, reason: str = "") -> None:
    """Accept or decline."""
    before, row.state = row.state, state
    row.decided_by_id, row.decided_at, row.reason = user.id, clock.now(), reason.strip()
    audit.record("decide", "sign_on", row.id, state=[before, state])


def may_decide(row: SignOn, user: User) -> bool:
    """Tell whether the user accepts or declines: the coalition's own staff, and a member's of that member."""
    return user.organization_id is None or user.organization_id == row.organization_id


def withdraw(row: SignOn) -> None:
    """Take it back, as whoever signed asks: it is listed no more, at once."""
    gone = update(SignOn).where(SignOn.id == row.id, SignOn.state != WITHDRAWN)
    emptied = {"state": WITHDRAWN, "signer": "", "signer_title": "", "logo": None, "logo_digest": ""}
    if db.session.execute(gone.values(emptied)).rowcount and row.contact_id:  # type: ignore[attr-defined]
        joining.forget_said(row.contact_id, DEED, row.action_id)
        timeline.record(row.contact_id, "action", f"Withdrew from: {row.action.title()}")


def counts() -> Select[Any, Any]:
    """Return the query of how many organizations stand under each letter."""
    return select(SignOn.action_id, func.count(SignOn.id)).where(SignOn.state == ACCEPTED).group_by(SignOn.action_id)


def waiting(user: User) -> int:
    """Return how many wait for this user's word."""
    query = select(func.count(SignOn.id)).where(SignOn.state == WAITING, _mine(user))
    return db.session.scalar(query) or 0


def accepted(action_id: int) -> Sequence[SignOn]:
    """Return the organizations under the letter, by name."""
    query = select(SignOn).where(SignOn.action_id == action_id, SignOn.state == ACCEPTED)
    return db.session.scalars(query.order_by(func.lower(SignOn.name))).all()


def matching(action_id: int, wanted: Mapping[str, str]) -> Select[SignOn]:
    """Return the query of the organizations of a letter in one state, or in all: those that wait first."""
    query = select(SignOn).where(SignOn.action_id == action_id)
    if wanted.get("state") in STATES:
        query = query.where(SignOn.state == wanted["state"])
    loaded = (joinedload(SignOn.contact), joinedload(SignOn.decided_by))
    return query.options(*loaded).order_by(SignOn.state != WAITING, func.lower(SignOn.name))


def standing(action_id: int, contact_id: int) -> SignOn | None:
    """Return for which organization this contact signed last."""
    query = select(SignOn).where(SignOn.action_id == action_id, SignOn.contact_id == contact_id)
    return db.session.scalar(query.where(SignOn.state != WITHDRAWN).order_by(SignOn.at.desc()).limit(1))


def _mine(user: User) -> ColumnElement[bool]:
    return true() if user.organization_id is None else SignOn.organization_id == user.organization_id


def _put(action: Action, name: str, values: Mapping[str, Any]) -> int | None:
    """Return the number of the row that waits now; None where the organization stands there already."""
    key = name_key_of(name)
    same = select(Organization.id).where(func.lower(Organization.name) == name.lower(), Organization.is_member)
    row = {**values, "name": name, "organization_id": db.session.scalar(same), "state": WAITING, "reason": ""}
    # A row of its own each time: the link by which whoever signed before takes it back names the number.
    over = delete(SignOn).where(SignOn.action_id == action.id, SignOn.name_key == key)
    db.session.execute(over.where(SignOn.state.in_([DECLINED, WITHDRAWN]), SignOn.at < values["at"]))
    insert = insert_into(SignOn).values(action_id=action.id, name_key=key, **row)
    number = db.session.execute(insert.on_conflict_do_nothing().returning(SignOn.id)).scalar()
    return int(number) if number is not None else None
