"""How many did it, who of them was new, and by what they came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from crm.actions import signatures
from crm.actions.models import Action, Signature
from crm.contacts.days import LABEL
from crm.contacts.models import Source
from crm.extensions import db

SOURCES = 12


@dataclass(frozen=True)
class Figures:
    """How many signatures count, how many of them were by people new to us, what waits, and by what most came."""

    counted: int
    new: int
    waiting: int
    withdrawn: int
    by_source: Sequence[tuple[int | None, str, int, int]]


def of(action: Action) -> Figures | None:
    """Return the figures of a petition; None for kinds that tell theirs elsewhere."""
    if action.kind != "petition":
        return None
    mine, counts = Signature.action_id == action.id, Signature.withdrawn_at.is_(None)
    row = db.session.execute(
        select(
            func.count().filter(counts),
            func.count().filter(counts, Signature.new),
            func.count().filter(counts, Signature.comment_state == signatures.WAITING),
            func.count().filter(~counts),
        ).where(mine)
    ).one()
    return Figures(*row, by_source=_by_source(mine, counts))


def _by_source(*conditions: Any) -> Sequence[Any]:
    number = func.count(Signature.id)
    query = select(Source.id, LABEL, number, func.count().filter(Signature.new)).select_from(Signature)
    query = query.outerjoin(Source, Source.id == Signature.source_id).where(*conditions)
    return db.session.execute(query.group_by(Source.id, LABEL).order_by(number.desc(), LABEL).limit(SOURCES)).all()
