"""Counting a click: all people together, robots apart; and turning into a robot's what has looked like a person's.

Whoever follows a link is known for a day by a digest. The row of the visitor is written first, so that of two clicks of
one visitor the later one sees the earlier; the counts follow in the order of their keys, so that no two wait for each
other.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from crm.base import tallies
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.reading import robots
from crm.mailings.reading.models import ClickVisit, ClickVisitor, MailingClick, PersonalClick
from crm.mailings.reading.robots import Hit

BY_HOUR = timedelta(days=30)
TURNED = timedelta(minutes=10)  # So far back a visitor's clicks turn into a robot's.

Key = tuple[int, datetime, str, str, bool]
NUMBERS = ("clicks", "visitors", "newcomers")


@dataclass(frozen=True)
class Followed:
    """A link that was followed, in which text of which mailing, and by whom, where that person agreed to be seen.

    `number` is its place, `links` how many the mailing has. `came_at` is when this copy came, or where it is nobody's,
    when such copies began to leave last (see arriving).
    """

    link_id: int
    url: str
    mailing_id: int
    number: int
    links: int
    language: str
    variant: str
    released_at: datetime | None
    came_at: datetime | None
    contact_id: int | None = None


def count(followed: Followed, hit: Hit) -> None:
    """Count the click of that request and commit. Where the database cannot take it, it is only told to the log."""
    tallies.keep(f"a click on link {followed.link_id}", lambda: _apply(_changes(followed, hit)))


def hour_of(at: datetime, released_at: datetime | None) -> datetime:
    """Return under which hour a click is counted: its own, or the month of one that comes late."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if released_at is None or at - released_at < BY_HOUR else hour.replace(day=1, hour=0)


def _changes(followed: Followed, hit: Hit) -> dict[Key, list[int]]:
    too_soon = followed.came_at is not None and hit.at - followed.came_at < robots.SOON
    return _alone(followed, hit, robot=True) if hit.robot or too_soon else _of_visitor(followed, hit)


def _alone(followed: Followed, hit: Hit, *, robot: bool) -> dict[Key, list[int]]:
    return {_key(followed, hit, robot): [1, 0, 0]}


def _key(followed: Followed, hit: Hit, robot: bool) -> Key:
    hour = hour_of(hit.at, followed.released_at)
    return (followed.link_id, hour, followed.language, followed.variant, robot)


def _of_visitor(followed: Followed, hit: Hit) -> dict[Key, list[int]]:
    """Write down the visit, and return what changes in the counts by it."""
    own = followed.contact_id is not None
    name = robots.digest(hit.at, "contact", str(followed.contact_id)) if own else hit.visitor
    visitor, clicks, robot = _greet(name, followed.contact_id, hit)
    if clicks == 1 and not own and _flooded(hit):
        _is_robot(visitor)
        robot = True
    if robot:
        return _alone(followed, hit, robot=True)
    recent = _recent(visitor, hit)
    if _betrayed(followed, hit, recent):
        _is_robot(visitor)
        changes = defaultdict(lambda: [0, 0, 0], _alone(followed, hit, robot=True))
        for visit in recent:
            _turn(visit, followed.contact_id, changes)
        return changes
    return _visit(visitor, followed, hit)


def _greet(name: str, contact_id: int | None, hit: Hit) -> tuple[int, int, bool]:
    """Return the id of the visitor, how many clicks it has made today with this one, and whether it is a robot."""
    row = {"visitor": name, "network": hit.network, "contact_id": contact_id, "robot": False}
    statement = insert_into(ClickVisitor).values(clicks=1, first_at=hit.at, **row)
    once_more = {"clicks": ClickVisitor.clicks + 1}
    statement = statement.on_conflict_do_update(index_elements=["visitor"], set_=once_more)
    told = statement.returning(ClickVisitor.id, ClickVisitor.clicks, ClickVisitor.robot)
    visitor, clicks, robot = db.session.execute(told).one()
    return visitor, clicks, robot


def _flooded(hit: Hit) -> bool:
    """Tell whether more strangers came from this network than people do: one sender who changes its name."""
    since = hit.at - robots.STRANGERS
    here = (ClickVisitor.network == hit.network, ClickVisitor.first_at > since, ClickVisitor.contact_id.is_(None))
    return (db.session.scalar(select(func.count()).where(*here)) or 0) > robots.MOST_STRANGERS


def _is_robot(visitor: int) -> None:
    db.session.execute(update(ClickVisitor).where(ClickVisitor.id == visitor).values(robot=True))


def _recent(visitor: int, hit: Hit) -> Sequence[ClickVisit]:
    query = select(ClickVisit).where(ClickVisit.visitor_id == visitor, ClickVisit.last_at > hit.at - TURNED)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _betrayed(followed: Followed, hit: Hit, recent: Sequence[ClickVisit]) -> bool:
    """Tell whether this click shows that the visitor is a robot."""
    last = {visit.link_id: visit.last_at for visit in sorted(recent, key=lambda visit: visit.last_at)}
    last[followed.link_id] = hit.at
    here = {visit.link_id for visit in recent if visit.mailing_id == followed.mailing_id} | {followed.link_id}
    same = [visit for visit in recent if visit.link_id == followed.link_id]
    since = hit.at - min((visit.first_at for visit in same), default=hit.at)
    return (
        robots.in_a_burst(list(last.values()))
        or robots.all_at_once([last[link_id] for link_id in here], followed.links)
        or robots.again_and_again(1 + sum(visit.clicks for visit in same), since)
    )


def _turn(visit: ClickVisit, contact_id: int | None, changes: dict[Key, list[int]]) -> None:
    """Let what was counted as a person's be a robot's."""
    place = (visit.link_id, visit.hour, visit.language, visit.variant)
    for number, name in enumerate(NUMBERS):
        changes[*place, False][number] -= getattr(visit, name)
    changes[*place, True][0] += visit.clicks
    if contact_id is not None:
        mine = (PersonalClick.contact_id == contact_id, PersonalClick.link_id == visit.link_id)
        fewer = update(PersonalClick).where(*mine).values(clicks=PersonalClick.clicks - visit.clicks)
        db.session.execute(fewer.execution_options(synchronize_session=False))
        db.session.execute(delete(PersonalClick).where(*mine, PersonalClick.clicks <= 0))
    db.session.delete(visit)


def _visit(visitor: int, followed: Followed, hit: Hit) -> dict[Key, list[int]]:
    link_id, hour, language, variant, _ = key = _key(followed, hit, False)
    known = select(ClickVisit.link_id).where(
        ClickVisit.visitor_id == visitor, ClickVisit.mailing_id == followed.mailing_id
    )
    before = set(db.session.scalars(known))
    first = {"visitors": int(link_id not in before), "newcomers": int(not before)}
    place = {"visitor_id": visitor, "link_id": link_id, "hour": hour, "language": language, "variant": variant}
    moments = {"first_at": hit.at, "last_at": hit.at}
    statement = insert_into(ClickVisit).values(mailing_id=followed.mailing_id, clicks=1, **place, **first, **moments)
    once_more = {"clicks": ClickVisit.clicks + 1, "last_at": hit.at}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(place), set_=once_more))
    if followed.contact_id is not None:
        _note(followed.contact_id, link_id, hit)
    return {key: [1, first["visitors"], first["newcomers"]]}


def _note(contact_id: int, link_id: int, hit: Hit) -> None:
    statement = insert_into(PersonalClick).values(
        contact_id=contact_id, link_id=link_id, clicks=1, first_at=hit.at, last_at=hit.at
    )
    once_more = {"clicks": PersonalClick.clicks + 1, "last_at": hit.at}
    db.session.execute(statement.on_conflict_do_update(index_elements=["contact_id", "link_id"], set_=once_more))


def _apply(changes: dict[Key, list[int]]) -> None:
    for key, numbers in sorted(changes.items()):
        place = dict(zip(("link_id", "hour", "language", "variant", "robot"), key, strict=True))
        values = dict(zip(NUMBERS, numbers, strict=True))
        more = {name: getattr(MailingClick, name) + number for name, number in values.items()}
        statement = insert_into(MailingClick).values(**place, **values)
        db.session.execute(statement.on_conflict_do_update(index_elements=list(place), set_=more))
