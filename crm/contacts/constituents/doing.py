"""Who did something, by where they live or what they are tagged: signed, wrote, called, registered."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from crm.base import clock
from crm.base.registries import Constituency, Support, Supporters
from crm.contacts.constituents.living import filter_of, lives_in
from crm.contacts.districts import ZIP
from crm.contacts.models import Contact, District, Tag, contact_tag
from crm.extensions import db
from crm.organizations import coalition

EVER = "2000-01-01"
"""Before anything was done here: the filters of the list ask since when, and show nobody without a day."""


def support(label: str, who: str, asked: str, rows: Select[Any, Any]) -> Support:
    """Return what people did as support behind an ask.

    `who` says who counts; `rows` is the select of who did it (a contact's id) and when, and the filter of the list of
    people that is named `asked` finds the same since a day.
    """
    return Support(
        label,
        None,
        lambda whom, since: url_for("contacts_staff.index", **{**filter_of(whom), asked: since or EVER}),
        "contacts.see",
        f"{who}, by the ZIP code on record or else the state on record.",
        rows,
    )


def count(kinds: Mapping[str, Select[Any, Any]], whom: Constituency, months: Sequence[date]) -> dict[str, Supporters]:
    """Return by kind how many people did it, and how many of them last did in each of the months; with one query.

    The select of a kind gives who did it (a contact's id) and when.
    """
    if not kinds:
        return {}
    did = union_all(*(_last(name, rows) for name, rows in kinds.items())).subquery()
    begins = [coalition.midnight(month) for month in months]
    ends = [*begins[1:], clock.now() + timedelta(days=1)]
    within = [func.count().filter(did.c.last >= one, did.c.last < end) for one, end in zip(begins, ends, strict=True)]
    query = select(did.c.kind, func.count(), func.count().filter(_neighboring(whom)), *within).select_from(did)
    query = query.join(Contact, Contact.id == did.c.contact_id).where(_of(whom)).group_by(did.c.kind)
    now = clock.now()
    found = {name: Supporters(0, [0] * len(months), 0, now) for name in kinds}
    for name, total, neighboring, *by_month in db.session.execute(query):
        found[name] = Supporters(total, by_month, neighboring, now)
    return found


def _last(name: str, rows: Select[Any, Any]) -> Select[Any]:
    did = rows.subquery()
    contact_id, at = did.c[0], did.c[1]
    query = select(literal(name).label("kind"), contact_id.label("contact_id"), func.max(at).label("last"))
    return query.group_by(contact_id)


def _of(whom: Constituency) -> ColumnElement[bool]:
    if not whom.tag:
        return lives_in(whom)
    tagged = select(contact_tag.c.contact_id).join(Tag, Tag.id == contact_tag.c.tag_id).where(Tag.name == whom.tag)
    return Contact.id.in_(tagged)


def _neighboring(whom: Constituency) -> ColumnElement[bool]:
    elsewhere = District.state != whom.state
    if whom.district is not None:
        elsewhere |= District.district != whom.district
    return (
        select(District.zip_code).where(District.zip_code == ZIP, elsewhere).exists() if not whom.tag else ZIP.is_(None)
    )
