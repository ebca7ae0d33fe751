"""What people send by a form: kept once the address is proven, published if they allow it, withdrawn at any time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import joinedload

from crm.actions import receipts, signatures
from crm.actions.models import Action
from crm.actions.submissions import narrowing
from crm.actions.submissions.models import Submission
from crm.base import changes, clock
from crm.base.changes import Refused
from crm.base.database import in_batches, insert_into
from crm.base.deeds import Done
from crm.base.words import searched
from crm.contacts import joining, timeline
from crm.contacts.custom_fields import answers
from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.contacts.models import Contact
from crm.extensions import db

DEED = "submission"
NO, NAMELESS = "no", signatures.NONE
RECEIVED, PUBLISHED, DECLINED = "received", "published", "declined"
STATES = {RECEIVED: "Received", PUBLISHED: "Published", DECLINED: "Not published", "withdrawn": "Withdrawn"}
TONES = {RECEIVED: "warn", PUBLISHED: "good"}
MAY = {NO: "No", NAMELESS: "Without a name", signatures.INITIAL: "First name and initial", signatures.FULL: "Full name"}
THING = "submission"
PORTION = 500


def settle(done: Done) -> None:
    """Keep what was sent, once."""
    action, contact = db.session.get(Action, done.deed.about_id), db.session.get_one(Contact, done.contact_id)
    if action is None:
        return
    details = done.deed.details
    publish = str(details.get("publish", NO))
    row: dict[str, Any] = {
        "story": str(details.get("story", "")),
        "answers": dict(details.get("answers", {})),
        "at": done.at,
    }
    row |= {"publish": publish if publish in MAY else NO, "source_id": done.source_id, "new": done.new}
    row |= {"name": signatures.name_of(details, contact, publish), "language": done.language}
    insert = insert_into(Submission).values(action_id=action.id, contact_id=contact.id, **row)
    number = db.session.execute(insert.on_conflict_do_nothing().returning(Submission.id)).scalar()
    if number is not None:
        answers.keep(contact.id, row["answers"])
        page = f"/actions/{action.slug}"
        timeline.record(contact, "action", f"Sent the form: {action.title()}", page, actor="visitor", at=done.at)
        receipts.submitted(action, contact, int(number))


def publish(row: Submission, values: Mapping[str, Any], opened_on: int) -> None:
    """Let everybody read the story as it stands in the values; raises Refused, Collision."""
    changes.claim(row, THING, opened_on)
    if row.publish == NO or row.withdrawn_at is not None:
        raise Refused("Who wrote it does not allow that it is published.", "")
    changes.keep(row, THING, {**values, "state": PUBLISHED, "published_at": row.published_at or clock.now()})


def decline(row: Submission) -> None:
    """Publish it not, or no longer; whoever has it open to publish it is told of that first."""
    changes.lock(row)
    changes.keep(row, THING, {"state": DECLINED, "published_at": None})


def withdraw(row: Submission) -> None:
    """Take it back, as whoever sent it asks: text and answers are deleted, and nothing is public, at once."""
    gone = update(Submission).where(Submission.id == row.id, Submission.withdrawn_at.is_(None))
    emptied: dict[str, Any] = {"withdrawn_at": clock.now(), "story": "", "answers": {}, "name": "", "publish": NO}
    emptied |= {"state": DECLINED, "published_title": "", "published_text": "", "published_at": None}
    given = dict(row.answers)
    if db.session.execute(gone.values(emptied)).rowcount:  # type: ignore[attr-defined]
        answers.take_back(row.contact_id, given)
        joining.forget_said(row.contact_id, DEED, row.action_id)
        take_names_off_audit(THING, [row.id])
        timeline.record(row.contact_id, "action", f"Took back the form: {row.action.title()}")


def forget(contact_id: int) -> Iterable[Path]:
    """Take the stories of somebody who is forgotten off the audit trail; no files are left."""
    mine = select(Submission.id).where(Submission.contact_id == contact_id)
    take_names_off_audit(THING, db.session.scalars(mine).all())
    return []


def counts() -> Select[Any, Any]:
    """Return the query of how many were sent and stand, by action."""
    query = select(Submission.action_id, func.count(Submission.id)).where(Submission.withdrawn_at.is_(None))
    return query.group_by(Submission.action_id)


def waiting() -> int:
    """Return how many stories wait that may be published."""
    waits = (Submission.state == RECEIVED, Submission.publish != NO, Submission.withdrawn_at.is_(None))
    return db.session.scalar(select(func.count(Submission.id)).where(*waits)) or 0


def matching(action: Action, wanted: Mapping[str, str]) -> Select[Submission]:
    """Return the query of what was sent, in one state or all that stands, by words and answers; the newest first."""
    query = select(Submission).join(Contact, Contact.id == Submission.contact_id)
    query = query.where(Submission.action_id == action.id, *narrowing.conditions(action, wanted))
    state = wanted.get("state", "")
    if state == "withdrawn":
        query = query.where(Submission.withdrawn_at.is_not(None))
    else:
        query = query.where(Submission.withdrawn_at.is_(None))
        query = query.where(Submission.state == state) if state in STATES else query
    for word in searched(wanted.get("q", "")):
        columns = (Contact.first_name, Contact.last_name, Contact.email, Submission.story)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    query = query.options(joinedload(Submission.contact), joinedload(Submission.source))
    return query.order_by(Submission.at.desc(), Submission.id.desc())


def in_portions(action: Action, wanted: Mapping[str, str], tell: Callable[[Submission], Any]) -> Iterator[Any]:
    """Return what is told of each for an export, the oldest first; reads 500 at a time."""
    return in_batches(matching(action, wanted), Submission.id, PORTION, tell)


def standing(action_id: int, contact_id: int) -> Submission | None:
    """Return what this contact sent last, and has not taken back."""
    query = select(Submission).where(Submission.action_id == action_id, Submission.contact_id == contact_id)
    return db.session.scalar(query.where(Submission.withdrawn_at.is_(None)).order_by(Submission.at.desc()).limit(1))
