"""Signatures under petitions: written once the address is proven, counted, listed by choice, withdrawn."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select, update

from crm.actions import receipts
from crm.actions.models import Action, Signature
from crm.base import audit, clock
from crm.base.database import insert_into
from crm.base.deeds import Done
from crm.base.words import one_line
from crm.contacts import joining, timeline
from crm.contacts.models import Contact, District
from crm.extensions import db

DEED = "signature"
NONE, INITIAL, FULL = "none", "initial", "full"
WAITING, SHOWN, HIDDEN = "waiting", "shown", "hidden"


def settle(done: Done) -> None:
    """Write the signature of a contact, once; whoever had withdrawn it signs again."""
    action, contact = db.session.get(Action, done.deed.about_id), db.session.get_one(Contact, done.contact_id)
    if action is None:
        return
    values = _said(done.deed.details, contact) | {"source_id": done.source_id, "language": done.language}
    values |= {"at": done.at, "withdrawn_at": None}
    if _add(action.id, contact.id, {**values, "new": done.new}) or _sign_again(action.id, contact.id, values):
        title, page = f"Signed: {action.title()}", f"/actions/{action.slug}"
        timeline.record(contact, "action", title, page, actor="visitor", at=done.at)
        receipts.signed(action, contact, standing(action.id, contact.id) or 0)


def withdraw(signature: Signature) -> bool:
    """Take the signature back: it counts and is listed no more, at once. False where that was done before."""
    gone = update(Signature).where(Signature.id == signature.id, Signature.withdrawn_at.is_(None))
    emptied = {"withdrawn_at": clock.now(), "comment": "", "comment_state": "", "shown": NONE, "name": ""}
    if db.session.execute(gone.values(emptied)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    joining.forget_said(signature.contact_id, DEED, signature.action_id)
    timeline.record(signature.contact_id, "action", f"Withdrew the signature: {signature.action.title()}")
    return True


def remove(signature: Signature) -> None:
    """Delete a signature that is none, by the word of staff."""
    audit.record("delete", "signature", signature.id, action=[signature.action_id, None])
    timeline.record(signature.contact_id, "action", f"Signature deleted by staff: {signature.action.title()}")
    db.session.delete(signature)


def moderate(signature: Signature, *, shown: bool) -> None:
    """Let the comment of a signature be read by everybody, or by the staff alone."""
    before, signature.comment_state = signature.comment_state, SHOWN if shown else HIDDEN
    audit.record("moderate", "signature", signature.id, comment_state=[before, signature.comment_state])


def digest_of(comment: str) -> str:
    """Return what tells a comment from the one that its signer may put in its place."""
    return hashlib.sha256(comment.encode()).hexdigest()


def counts() -> Select[Any, Any]:
    """Return the query of how many signatures count, by action."""
    query = select(Signature.action_id, func.count(Signature.id)).where(Signature.withdrawn_at.is_(None))
    return query.group_by(Signature.action_id)


def listed(action: Action) -> Select[Signature]:
    """Return the query of the signatures that the public list tells, the newest first."""
    query = select(Signature).where(Signature.action_id == action.id, Signature.withdrawn_at.is_(None))
    return query.where(Signature.shown != NONE, Signature.name != "").order_by(Signature.at.desc(), Signature.id.desc())


def newest(action: Action, limit: int) -> Sequence[Signature]:
    """Return the newest of those."""
    return db.session.scalars(listed(action).limit(limit)).all()


def standing(action_id: int, contact_id: int) -> int | None:
    """Return the number of the contact's signature that counts, None where there is none."""
    query = select(Signature.id).where(Signature.action_id == action_id, Signature.contact_id == contact_id)
    return db.session.scalar(query.where(Signature.withdrawn_at.is_(None)))


def shown_name(first: str, last: str, shown: str) -> str:
    """Return what the public list tells of a name, as its owner chose."""
    if shown == FULL:
        return f"{first} {last}".strip()
    if shown == INITIAL and first:
        return f"{first} {last[:1]}.".replace(" .", "").strip()
    return ""


def name_of(details: Mapping[str, Any], contact: Contact, shown: str) -> str:
    """Return what is shown of the name that was typed for a deed, or else of the one on record."""
    first = one_line(details.get("first_name")) or contact.first_name
    last = one_line(details.get("last_name")) or contact.last_name
    return shown_name(first, last, shown)[:200]


def _add(action_id: int, contact_id: int, values: Mapping[str, Any]) -> bool:
    row = insert_into(Signature).values(action_id=action_id, contact_id=contact_id, **values)
    return db.session.execute(row.on_conflict_do_nothing().returning(Signature.id)).first() is not None


def _sign_again(action_id: int, contact_id: int, values: Mapping[str, Any]) -> bool:
    taken_back = update(Signature).where(Signature.action_id == action_id, Signature.contact_id == contact_id)
    again = taken_back.where(Signature.withdrawn_at < values["at"]).values(**values)
    return db.session.execute(again).rowcount == 1  # type: ignore[attr-defined]


def _said(details: Mapping[str, Any], contact: Contact) -> dict[str, Any]:
    shown, comment = str(details.get("shown", NONE)), str(details.get("comment", "")).strip()
    return {
        "shown": shown if shown in (INITIAL, FULL) else NONE,
        "name": name_of(details, contact, shown),
        "city": one_line(details.get("city"))[:200] or contact.city,
        "state": contact.state or _state_of(contact.zip_code),
        "comment": comment,
        "comment_state": WAITING if comment else "",
    }


def _state_of(zip_code: str) -> str:
    """Return the state that a ZIP code lies in, "" where it is unknown or lies in several."""
    found = set(db.session.scalars(select(District.state).where(District.zip_code == zip_code[:5])))
    return found.pop() if len(found) == 1 else ""
