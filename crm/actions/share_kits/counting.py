"""How often the texts of a kit were taken and followed, and who signed up by them: for each text and each member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, case, func, select

from crm.actions.share_kits.models import ShareCount, ShareText
from crm.base import limits, networks
from crm.base.database import insert_into
from crm.contacts.merging import former
from crm.contacts.models import Contact, Source
from crm.extensions import db
from crm.organizations import members
from crm.organizations.models import Organization

SUPPORTERS = "supporters"
PER_NETWORK = (60, timedelta(hours=1))  # of one text; what comes beyond is not counted


@dataclass(frozen=True)
class Row:
    """What came of a text, or of the sharing of one member: `code` is its code, or the number of the text."""

    code: str
    label: str
    copies: int
    arrivals: int
    sign_ups: int


def content(text_id: int) -> str:
    """Return how a text is named in the sources of those who came by it."""
    return f"text-{text_id}"


def note(text_id: int, via: str, *, arrival: bool) -> None:
    """Count that a text was taken, or its link followed; not more than 60 an hour from one network."""
    what = "arrivals" if arrival else "copies"
    if not limits.allow(f"share:{what}:{text_id}:{networks.of_request()}", *PER_NETWORK):
        return
    row = {"text_id": text_id, "credit": _credit(via), "copies": 0, "arrivals": 0, what: 1}
    column = getattr(ShareCount, what)
    added = insert_into(ShareCount).values(row)
    once_more = added.on_conflict_do_update(index_elements=["text_id", "credit"], set_={what: column + 1})
    db.session.execute(once_more)


def taken() -> Select[Any, Any]:
    """Return the query of how often the texts of each kit were taken."""
    query = select(ShareText.action_id, func.sum(ShareCount.copies)).join(ShareText, ShareText.id == ShareCount.text_id)
    return query.group_by(ShareText.action_id)


def by_text(texts: Sequence[ShareText]) -> dict[int, Row]:
    """Return what came of each text."""
    ids = [one.id for one in texts]
    counts = select(ShareCount.text_id, func.sum(ShareCount.copies), func.sum(ShareCount.arrivals))
    counts = counts.where(ShareCount.text_id.in_(ids)).group_by(ShareCount.text_id)
    found = {number: (int(copies), int(arrivals)) for number, copies, arrivals in db.session.execute(counts)}
    came = select(Source.utm_content, func.count(Contact.id)).join(Contact, Contact.source_id == Source.id)
    came = came.where(Source.utm_content.in_([content(number) for number in ids]), Contact.confirmed_at.is_not(None))
    signed_up: dict[str, int] = dict(db.session.execute(came.group_by(Source.utm_content)).all())
    return {
        number: Row(str(number), "", *found.get(number, (0, 0)), signed_up.get(content(number), 0)) for number in ids
    }


def by_member(texts: Sequence[ShareText]) -> list[Row]:
    """Return what came of each member's sharing, then that of supporters, and of those whom nobody knows."""
    ids, names = [one.id for one in texts], dict(_members())
    counts = select(ShareCount.credit, func.sum(ShareCount.copies), func.sum(ShareCount.arrivals))
    counts = counts.where(ShareCount.text_id.in_(ids)).group_by(ShareCount.credit)
    found = {credit: (int(copies), int(arrivals)) for credit, copies, arrivals in db.session.execute(counts)}
    credit = case((Source.kind == "member", Source.code), (Source.kind == "supporter", SUPPORTERS), else_="")
    came = select(credit, func.count(Contact.id)).join(Contact, Contact.source_id == Source.id)
    came = came.where(Source.utm_content.in_([content(number) for number in ids]), Contact.confirmed_at.is_not(None))
    signed_up: dict[str, int] = dict(db.session.execute(came.group_by(credit)).all())
    labels = {**names, SUPPORTERS: "Supporters, by their own links", "": "Nobody known"}
    return [Row(code, label, *found.get(code, (0, 0)), signed_up.get(code, 0)) for code, label in labels.items()]


def _members() -> list[tuple[str, str]]:
    query = members.by_name().with_only_columns(Organization.via, Organization.name)
    return [(via, name) for via, name in db.session.execute(query) if via]


def _credit(via: str) -> str:
    if not via:
        return ""
    if db.session.scalar(select(Organization.id).where(Organization.via == via)):
        return via
    known = db.session.scalar(select(Contact.id).where(Contact.share_code == via)) or former.shared_by(via)
    return SUPPORTERS if known else ""
