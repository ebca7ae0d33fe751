"""Asking for approval, approving, returning with a note; and what of it holds for a mailing as it is now."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, update

from crm.accounts.models import User
from crm.base import audit
from crm.base.changes import lock
from crm.contacts.models import Segment
from crm.extensions import db
from crm.mailings.approval import people, telling
from crm.mailings.approval.models import MailingApproval
from crm.mailings.choosing import wanted
from crm.mailings.models import Mailing

EVENTS = {
    "asked": "asked for approval",
    "approved": "approved it",
    "returned": "returned it",
    "released": "released it",
}
LETS_GO = ("approved", "released")


class Refused(Exception):
    """It cannot be asked, approved or returned now; the message says why, and what to do."""


@dataclass(frozen=True)
class Standing:
    """Where a mailing stands: the last line of its history, and whether that still speaks for what it is now."""

    last: MailingApproval | None = None
    holds: bool = False

    @property
    def asked(self) -> bool:
        return self.holds and self.last is not None and self.last.event == "asked"

    @property
    def approved(self) -> bool:
        return self.holds and self.last is not None and self.last.event in LETS_GO


def standing(mailing: Mailing) -> Standing:
    """Return where the mailing stands now."""
    last = db.session.scalar(_lines(mailing).order_by(MailingApproval.id.desc()).limit(1))
    if last is None:
        return Standing()
    return Standing(last, _speaks_for(last, mailing))


def history(mailing: Mailing) -> Sequence[MailingApproval]:
    """Return what was asked, approved and returned, the newest first."""
    return db.session.scalars(_lines(mailing).order_by(MailingApproval.id.desc())).all()


def ask(mailing: Mailing, user: User, note: str, version: int, recipients: int) -> None:
    """Ask all who may approve it, by letters, to approve that version. Raises Refused."""
    _claim(mailing, version)
    if mailing.state != "draft":
        raise Refused(f"This mailing is {mailing.state}; approval is asked for a draft.")
    if standing(mailing).asked:
        raise Refused("Approval was asked for already, and nothing changed since.")
    approvers = people.approvers(mailing)
    if not approvers:
        raise Refused(
            "Nobody can approve it: that takes somebody who may send mailings, did not begin this one and did not "
            "change it. An admin can add a user, or change when approval is needed."
        )
    line = _write(mailing, "asked", user, note, recipients)
    audit.record("ask_approval", "mailing", mailing.id, version=version)
    for approver in approvers:
        telling.ask(mailing, line, approver)


def approve(mailing: Mailing, user: User, note: str, version: int) -> None:
    """Approve that version, which the user has seen, and tell who asked. Raises Refused."""
    asked = _answer(mailing, user, version)
    line = _write(mailing, "approved", user, note, asked.recipients)
    audit.record("approve", "mailing", mailing.id, version=version)
    telling.answer(mailing, asked, line)


def give_back(mailing: Mailing, user: User, note: str, version: int) -> None:
    """Return it with a note that says what to change, and tell who asked. Raises Refused."""
    if not note.strip():
        raise Refused("Write what has to change before it is approved.")
    asked = _answer(mailing, user, version)
    line = _write(mailing, "returned", user, note, asked.recipients)
    audit.record("return", "mailing", mailing.id, version=version)
    telling.answer(mailing, asked, line)


def note_release(mailing: Mailing, user: User | None, recipients: int) -> None:
    """Note that somebody released it whose word is enough: who could have approved it, or (None) an admin's command."""
    stands = standing(mailing)
    if stands.approved:
        return
    line = _write(mailing, "released", user, "", recipients)
    if stands.asked and stands.last:
        telling.answer(mailing, stands.last, line)


def follow(mailing: Mailing) -> None:
    """Let what holds for a mailing hold on, where only its state changed and with it the version."""
    mine = (MailingApproval.mailing_id == mailing.id) & (MailingApproval.holds_for == mailing.version - 1)
    _set(mine, mailing.version)


def is_asked() -> ColumnElement[bool]:
    """Return the condition that a mailing waits for approval."""
    asked = select(MailingApproval.id).where(
        MailingApproval.mailing_id == Mailing.id,
        MailingApproval.event == "asked",
        MailingApproval.holds_for == Mailing.version,
    )
    return (Mailing.state == "draft") & asked.exists()


def asked_among(ids: Collection[int]) -> set[int]:
    """Return which of these mailings wait for approval."""
    return set(db.session.scalars(select(Mailing.id).where(Mailing.id.in_(ids), is_asked())))


def approved_among(mailings: Iterable[Mailing]) -> set[int]:
    """Return which of these are drafts that somebody has approved as they are, by their ids."""
    drafts = {mailing.id: mailing for mailing in mailings if mailing.state == "draft"}
    stands = (MailingApproval.event == "approved") & MailingApproval.holds_for.is_not(None)
    lines = select(MailingApproval).where(stands, MailingApproval.mailing_id.in_(drafts))
    found = db.session.scalars(lines) if drafts else ()
    return {line.mailing_id for line in found if _speaks_for(line, drafts[line.mailing_id])}


def digest(mailing: Mailing) -> str:
    """Return the digest of the audience, with what its segments ask for: one that is edited is another audience."""
    it = wanted.of(mailing)
    query = select(Segment.id, Segment.definition).where(Segment.id.in_(it.named_segments)).order_by(Segment.id)
    segments = [[number, definition] for number, definition in db.session.execute(query)]
    told = json.dumps([it.kept(), mailing.topic_id, segments], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _speaks_for(line: MailingApproval, mailing: Mailing) -> bool:
    return line.holds_for == mailing.version and line.audience_digest == digest(mailing)


def _answer(mailing: Mailing, user: User, version: int) -> MailingApproval:
    _claim(mailing, version)
    stands = standing(mailing)
    if not stands.asked or stands.last is None:
        raise Refused("Nobody asks for approval of it any more: it was answered, or changed, since you opened it.")
    if not people.may_approve(user, mailing):
        raise Refused("You began this mailing or changed it, so somebody else has to approve it.")
    return stands.last


def _claim(mailing: Mailing, version: int) -> None:
    lock(mailing)
    if mailing.version != version:
        raise Refused("Somebody changed this mailing since you looked at it. Look at it again first.")


def _write(mailing: Mailing, event: str, user: User | None, note: str, recipients: int) -> MailingApproval:
    _set(MailingApproval.mailing_id == mailing.id, None)
    line = MailingApproval(
        mailing_id=mailing.id,
        event=event,
        version=mailing.version,
        holds_for=mailing.version,
        audience_digest=digest(mailing),
        recipients=recipients,
        user=user,
        who=(user.name or user.email) if user else "An admin, from the command line",
        note=note.strip(),
    )
    db.session.add(line)
    db.session.flush()
    return line


def _set(condition: ColumnElement[bool], version: int | None) -> None:
    statement = update(MailingApproval).where(condition).values(holds_for=version)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))


def _lines(mailing: Mailing) -> Select[MailingApproval]:
    return select(MailingApproval).where(MailingApproval.mailing_id == mailing.id)
