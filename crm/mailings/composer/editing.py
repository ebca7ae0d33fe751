"""Who has a mailing open, told to the others; and whether what a page saves would replace what another wrote."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from crm.accounts.models import User
from crm.base import audit, clock
from crm.base.changes import plain
from crm.extensions import db
from crm.mailings.composer.models import MailingEditing
from crm.mailings.models import Mailing, MailingText
from crm.mailings.texts import SENDING, TEXT, Text

PRESENT = timedelta(seconds=75)  # Pages tell every 25 s that they are open.
FORGOTTEN = timedelta(days=1)
LONGEST_KEY = 32


@dataclass(frozen=True)
class Sheet:
    """A page that is open: its own key, and the digest of the text as it was opened."""

    key: str
    opened: str


@dataclass(frozen=True)
class Other:
    """Somebody who has the mailing open elsewhere: the name ("" for the same person), since when, when saved last."""

    name: str
    since: str
    written: str


def digest(text: Text) -> str:
    """Return what tells this state of a text from another; of the main text together with the mailing's settings."""
    names = ("kind", *TEXT, *SENDING) if isinstance(text, Mailing) else TEXT
    held = [plain(getattr(text, name)) for name in names]
    return hashlib.sha256(json.dumps(held, sort_keys=True, default=str).encode()).hexdigest()


def is_last_to_write(text: Text, sheet: Sheet | None) -> bool:
    """Return whether the text is still as that page opened it, or left it when it saved last."""
    if sheet is None or not sheet.opened:
        return False
    row = db.session.get(MailingEditing, sheet.key[:LONGEST_KEY])
    return digest(text) in {sheet.opened, row.saved if row else ""}


def note(mailing: Mailing, language: str, key: str, *, saved: Text | None = None) -> None:
    """Write down that whoever acts has the text of that language open in that page, and perhaps saved it."""
    if not key:
        return
    now, who = clock.now(), audit.actor()
    row = db.session.get(MailingEditing, key[:LONGEST_KEY])
    if row is None or row.mailing_id != mailing.id or row.who != who:
        row = MailingEditing(key=key[:LONGEST_KEY], mailing_id=mailing.id, who=who, since=now, seen_at=now)
        row = db.session.merge(row)
        row.saved = ""
    row.language, row.seen_at = language, now
    if saved is not None:
        row.saved, row.written_at = digest(saved), now
    db.session.execute(delete(MailingEditing).where(MailingEditing.seen_at < now - FORGOTTEN))


def leave(key: str) -> None:
    """Forget that page: it was closed."""
    mine = (MailingEditing.key == key[:LONGEST_KEY], MailingEditing.who == audit.actor())
    db.session.execute(delete(MailingEditing).where(*mine))


def others(mailing: Mailing, key: str) -> list[Other]:
    """Return who else has the mailing open now, the first to open it first."""
    query = select(MailingEditing).where(MailingEditing.mailing_id == mailing.id, MailingEditing.key != key)
    query = query.where(MailingEditing.seen_at > clock.now() - PRESENT).order_by(MailingEditing.since)
    rows = db.session.scalars(query).all()
    return [_told(row, names_of([one.who for one in rows])) for row in rows]


def names_of(addresses: Collection[str]) -> dict[str, str]:
    """Return the names of these staff users by their addresses; the address itself where there is none."""
    query = select(User.email, User.name).where(User.email.in_(set(addresses)))
    found: Sequence[tuple[str, str]] = [tuple(row) for row in db.session.execute(query)]  # type: ignore[misc]
    return {address: address for address in addresses} | {email: name for email, name in found if name}


def _told(row: MailingEditing, names: dict[str, str]) -> Other:
    name = "" if row.who == audit.actor() else names[row.who]
    return Other(name, row.since.isoformat(), row.written_at.isoformat() if row.written_at else "")


def text_in(mailing: Mailing, language: str) -> Text:
    """Return the text of that language; a new one, that belongs to the mailing once it is saved, where it is gone."""
    if language in ("", mailing.language):
        return mailing
    found = next((one for one in mailing.texts if one.language == language), None)
    return found or MailingText(language=language, subject="", preheader="", body="", markup=mailing.markup, blocks=[])
