"""Signatures as support behind an ask: from whom they came in a state, a district, or among people of a tag."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, func, select

from crm.actions.models import Signature
from crm.base import clock
from crm.base.registries import Constituency, Supporters
from crm.contacts.constituents import living
from crm.contacts.districts import ZIP
from crm.contacts.models import Contact, District, Tag, contact_tag
from crm.extensions import db
from crm.organizations import coalition

WHO_COUNTS = "People with a proven signature under a petition, by the ZIP code on record or else the state on record."


def count(whom: Constituency, months: Sequence[date]) -> Supporters:
    """Return how many people signed, and how many of them last did in each of the months; with one query."""
    signed = select(Signature.contact_id, func.max(Signature.at).label("last")).where(Signature.withdrawn_at.is_(None))
    last = signed.group_by(Signature.contact_id).subquery()
    begins = [coalition.midnight(month) for month in months]
    ends = [*begins[1:], clock.now() + timedelta(days=1)]
    within = [
        func.count().filter(last.c.last >= begin, last.c.last < end) for begin, end in zip(begins, ends, strict=True)
    ]
    query = select(func.count(), func.count().filter(_neighboring(whom)), *within).select_from(last)
    query = query.join(Contact, Contact.id == last.c.contact_id).where(_of(whom))
    total, neighboring, *by_month = db.session.execute(query).one()
    return Supporters(total, by_month, neighboring, clock.now())


def url(whom: Constituency, since: date | None) -> str:
    """Return the address of the list of the people whose signatures it counts."""
    who: dict[str, Any] = {"tag": whom.tag} if whom.tag else {"lives_in": whom.key}
    return url_for("contacts_staff.index", signed_from=since or "2000-01-01", **who)


def _of(whom: Constituency) -> ColumnElement[bool]:
    if not whom.tag:
        return living.lives_in(whom)
    tagged = select(contact_tag.c.contact_id).join(Tag, Tag.id == contact_tag.c.tag_id).where(Tag.name == whom.tag)
    return Contact.id.in_(tagged)


def _neighboring(whom: Constituency) -> ColumnElement[bool]:
    elsewhere = District.state != whom.state
    if whom.district is not None:
        elsewhere |= District.district != whom.district
    return (
        select(District.zip_code).where(District.zip_code == ZIP, elsewhere).exists() if not whom.tag else ZIP.is_(None)
    )
