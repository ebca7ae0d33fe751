"""What stands in the archive: chosen by staff or by the kind of the mailing, public from its release on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from crm.base import audit, clock, slugs
from crm.contacts.models import Topic
from crm.delivery import merge_fields
from crm.extensions import db
from crm.mailings.archive.models import MailingArchive
from crm.mailings.choosing import wanted
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.texts import Text

KINDS = frozenset({"newsletter", "thought_leadership", "call_to_action"})
WORDS = 80  # characters of the subject in an address


def by_default(mailing: Mailing) -> bool:
    """Tell whether a mailing stands in the archive unless staff say otherwise: by its kind, and if its topic is public.

    What was released before there was a place for it stays out.
    """
    return not mailing.messages and _is_public(mailing)


def place_of(mailing: Mailing) -> MailingArchive:
    """Return the place of a mailing as it is, or (not kept) as it will be."""
    kept = db.session.get(MailingArchive, mailing.id)
    if kept is not None and mailing.messages:
        return kept
    shown = kept.shown if kept is not None else by_default(mailing)
    return MailingArchive(mailing_id=mailing.id, slug=slug_of(mailing), shown=shown)


def slug_of(mailing: Mailing) -> str:
    """Return how the mailing is named in addresses: the words of its subject, and its number."""
    subject = merge_fields.sub("", mailing.subject)
    return f"{slugs.of(subject, WORDS) or 'mailing'}-{mailing.id}"


def choose(mailing: Mailing, shown: bool) -> None:
    """Put a mailing into the archive or take it off, as staff say; one that was released appears at once."""
    kept = db.session.get(MailingArchive, mailing.id)
    before = place_of(mailing).shown
    if kept is None:
        kept = MailingArchive(mailing_id=mailing.id, slug=slug_of(mailing), shown=shown)
        db.session.add(kept)
    kept.shown = shown
    if shown and mailing.messages and kept.published_at is None:
        kept.published_at = mailing.released_at or clock.now()
    audit.record("archive", "mailing", mailing.id, shown=[before, shown])


def publish(mailing_id: int) -> None:
    """Give a mailing that is being released its place and address; where it is shown, it is public from now on."""
    mailing = db.session.get_one(Mailing, mailing_id)
    kept = db.session.get(MailingArchive, mailing_id)
    if kept is None:
        kept = MailingArchive(mailing_id=mailing_id, shown=_is_public(mailing))
        db.session.add(kept)
    kept.slug = slug_of(mailing)
    kept.published_at = clock.now() if kept.shown else None


def _is_public(mailing: Mailing) -> bool:
    """Tell whether it is of a kind for everybody, and goes to public topics alone."""
    it = wanted.of(mailing)
    chosen = it.topics if it.people == wanted.TOPICS else []
    internal = select(Topic.id).where(Topic.id.in_([mailing.topic_id, *chosen]), Topic.public.is_(False))
    return mailing.kind in KINDS and db.session.scalar(internal.limit(1)) is None


def published() -> Select[Any]:
    """Return the query of the mailings of the archive, the newest first."""
    query = select(Mailing).join(MailingArchive, MailingArchive.mailing_id == Mailing.id)
    public = (MailingArchive.shown, MailingArchive.published_at.is_not(None), Mailing.state != "draft")
    return query.where(*public).order_by(MailingArchive.published_at.desc(), Mailing.id.desc())


def addresses_for_search() -> list[tuple[str, datetime | None]]:
    """Return the path of the archive and of each mailing in it, with when it appeared."""
    rows = db.session.execute(published().with_only_columns(MailingArchive.slug, MailingArchive.published_at))
    return [("/archive/", None), *((f"/archive/{slug}", at) for slug, at in rows)]


def named(slug: str) -> tuple[Mailing, MailingArchive] | None:
    """Return the mailing of that address, and its place; None where nothing was ever public there.

    A step of a sequence stays a draft, which is written on while earlier words of it go out.
    """
    kept = db.session.scalar(select(MailingArchive).where(MailingArchive.slug == slug))
    if kept is None or kept.published_at is None:
        return None
    mailing = db.session.get_one(Mailing, kept.mailing_id)
    return None if mailing.state == "draft" else (mailing, kept)


def mailing_of(said: Text) -> Mailing | None:
    """Return the mailing that a text belongs to, of two versions the first; None for one that was not saved yet."""
    mailing = said if isinstance(said, Mailing) else db.session.get(Mailing, said.mailing_id or 0)
    return (pairing.main_of(mailing.id) or mailing) if mailing and mailing.id else None
