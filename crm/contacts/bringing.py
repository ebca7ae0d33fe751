"""Who brought whom: by the code of somebody's share link, and by those of records that are part of theirs now."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from crm.contacts.merging import former
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import Contact, SignUp, Source
from crm.extensions import db

OFFERED = 200  # sharers, those who brought the most
DID = select(SignUp.id).where(SignUp.contact_id == Contact.id, SignUp.state == "confirmed").correlate(Contact).exists()
CONFIRMED = or_(Contact.confirmed_at.is_not(None), DID)
"""Who confirmed a sign-up, or something else that they did: signed, registered, wrote."""


def by_code(code: str) -> ColumnElement[bool]:
    """Return the condition of those who confirmed after they came by the links of whom that code is."""
    sharer = former.sharer(code)
    return _by_codes([code] if sharer is None else codes(sharer, former.of(sharer)))


def codes(contact: Contact, merged: Iterable[MergedContact]) -> list[str]:
    """Return the codes of a contact's share links: the own one, and those of what was merged into it."""
    return [contact.share_code, *(one.share_code for one in merged)]


def number_by(contact: Contact, merged: Iterable[MergedContact]) -> int:
    """Return how many the contact brought; `merged` is what was merged into it."""
    query = select(func.count()).select_from(Contact).where(_by_codes(codes(contact, merged)))
    return db.session.scalar(query) or 0


def who_brought(contact: Contact) -> Contact | None:
    """Return by whose share link the contact came; None for by nobody's who is on record."""
    source = contact.source
    return former.sharer(source.code) if source is not None and source.kind == "supporter" else None


def credited() -> Select[int]:
    """Return the select of the ids of who brought somebody, one for each who was brought and confirmed."""
    came = select(Source.code).join(Contact, Contact.source_id == Source.id)
    by = came.where(Source.kind == "supporter", CONFIRMED).subquery()
    own = select(Contact.id.label("id")).join(by, by.c.code == Contact.share_code)
    merged = select(MergedContact.contact_id).join(by, by.c.code == MergedContact.share_code)
    return select(own.union_all(merged).subquery().c.id)


def sharers() -> list[tuple[str, str]]:
    """Return the share code and the name of those who brought the most, by name."""
    each = credited().subquery().c.id
    most = select(each).group_by(each).order_by(func.count().desc(), each).limit(OFFERED)
    found = select(Contact).where(Contact.id.in_(most)).order_by(Contact.last_name, Contact.first_name, Contact.id)
    return [(one.share_code, one.name) for one in db.session.scalars(found)]


def name_of_sharer(code: str) -> str:
    """Return the name of whom that share code means; "" where it means nobody."""
    sharer = former.sharer(code)
    return sharer.name if sharer else ""


def _by_codes(codes: Collection[str]) -> ColumnElement[bool]:
    came = select(Source.id).where(Source.kind == "supporter", Source.code.in_(codes))
    # No condition is unknown (NULL).
    by_them = and_(Contact.source_id.is_not(None), Contact.source_id.in_(came))
    return and_(by_them, CONFIRMED)
