"""Restricted notes: what only some of the staff may read about an influencer."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import audit
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer, RestrictedNote


def write(influencer: Influencer, text: str, user: User, *, organization_id: int | None, admins_only: bool) -> None:
    """Keep a note for the staff of that organization (none: the coalition's own), or for the admins among them."""
    note = RestrictedNote(influencer_id=influencer.id, text=text.strip(), user_id=user.id)
    note.organization_id, note.admins_only = organization_id, admins_only
    db.session.add(note)


def read(influencer: Influencer, user: User) -> Sequence[RestrictedNote]:
    """Return the notes that the user may read, newest first."""
    query = select(RestrictedNote).where(RestrictedNote.influencer_id == influencer.id, access.notes(user))
    query = query.options(joinedload(RestrictedNote.user), joinedload(RestrictedNote.organization))
    return db.session.scalars(query.order_by(RestrictedNote.id.desc())).all()


def find(note_id: int, user: User) -> RestrictedNote | None:
    """Return the note, where the user may read it."""
    return db.session.scalar(select(RestrictedNote).where(RestrictedNote.id == note_id, access.notes(user)))


def remove(note: RestrictedNote) -> None:
    """Delete a note for good; that it was there stays in the audit trail, without its text."""
    audit.record("delete", "restricted_note", note.id, influencer=note.influencer_id)
    db.session.delete(note)
