"""What people did after they came by a mailing, as the subjects count it (base.acted)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from crm.base.acted import acted
from crm.contacts.models import Source
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.reading import trails

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Done:
    """How many people did it, and how many times it was done. Each time that nobody knows the name counts as one."""

    name: str
    label: str
    people: int = 0
    times: int = 0


def of(mailing: Mailing) -> tuple[Done, list[Done]]:
    """Return all that was done, and each kind of it; none where nothing can be done yet."""
    done = _done(trails.sources([mailing.id]))
    rows = dict.fromkeys((name for name, _ in acted.items()), (0, 0))
    rows |= {name: (people, times) for name, people, times in db.session.execute(_count(done, done.c.name))}
    _, people, times = db.session.execute(_count(done, None)).one()
    kinds = [Done(name, act.label, *rows[name]) for name, act in acted.items()]
    return Done("", "Acted", people, times), kinds


def people(mailing: Mailing) -> int:
    """Return how many people did something."""
    return _people(trails.sources([mailing.id]))


def people_by_place(mailing: Mailing) -> dict[trails.Place, set[Any]]:
    """Return who acted after following which link of which text; who is not known by name is told from others."""
    found: dict[trails.Place, set[Any]] = {}
    for place, ids in _places(mailing).items():
        rows = db.session.execute(select(_done(ids)))
        found[place] = {row.contact_id or (place, number) for number, row in enumerate(rows)}
    return found


def people_by_variant(mailing: Mailing, variants: Iterable[str]) -> dict[str, int]:
    """Return how many acted after following a link of each version: one query for each, however many links."""
    found: dict[str, list[int]] = {}
    for place, ids in _places(mailing).items():
        found.setdefault(place.variant, []).extend(ids)
    return {one: _people(found[one]) if one in found else 0 for one in variants}


def who(
    mailing: Mailing, name: str = "", at: Callable[[trails.Place], bool] | None = None, span: Span | None = None
) -> Select[int, Any, int]:
    """Return the select of (contact id, first moment, times) of those who did that, or anything; the last first.

    `at` chooses the places of the links that they came by, `span` between which moments they did it.
    """
    done = _done(trails.sources([mailing.id]) if at is None else _chosen(mailing, at), name)
    first = func.min(done.c.at).label("at")
    query = select(done.c.contact_id, first, func.count().label("times")).where(done.c.contact_id.is_not(None))
    query = query.where(done.c.at >= span[0], done.c.at < span[1]) if span else query
    return query.group_by(done.c.contact_id).order_by(first.desc(), done.c.contact_id)


def _people(source_ids: Any) -> int:
    _, number, _ = db.session.execute(_count(_done(source_ids), None)).one()
    return int(number)


def _done(source_ids: Any, name: str = "") -> Any:
    """Return the subquery of (name, contact id, moment) of what was done by these sources."""
    kinds = []
    for one, act in acted.items():
        if name in ("", one):
            contact_id, at = act.who(source_ids).subquery().c
            kinds.append(select(literal(one).label("name"), contact_id.label("contact_id"), at.label("at")))
    return union_all(*kinds).subquery()


def _count(done: Any, by: Any) -> Select[str, int, int]:
    unknown = func.count() - func.count(done.c.contact_id)
    numbers = (func.count(done.c.contact_id.distinct()) + unknown, func.count())
    name = literal("") if by is None else by
    query = select(name, *numbers).select_from(done)
    return query if by is None else query.group_by(by)


def _chosen(mailing: Mailing, at: Callable[[trails.Place], bool]) -> list[int]:
    return [source_id for place, ids in _places(mailing).items() if at(place) for source_id in ids]


def _places(mailing: Mailing) -> dict[trails.Place, list[int]]:
    query = select(Source.id, Source.utm_content).where(Source.id.in_(trails.sources([mailing.id])))
    found: dict[trails.Place, list[int]] = {}
    for source_id, content in db.session.execute(query):
        place = trails.place(content)
        if place is not None:
            found.setdefault(place, []).append(source_id)
    return found
