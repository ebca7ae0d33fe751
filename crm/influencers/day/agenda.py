"""What is due: open asks, next steps and tasks together, by their day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, case, func, literal, select, union_all

from crm.accounts.models import User
from crm.base.pages import PER_PAGE, Page
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.tasks.models import Task

AHEAD = timedelta(days=7)
MOST_PAGES = 10_000
KINDS = ("ask", "step", "task")
PARTS = {"overdue": "Overdue", "today": "Today", "coming": "In the coming seven days"}


@dataclass(frozen=True)
class Due:
    """An ask, a next step or a task that is due; `days_late` is negative where the day is yet to come.

    A next step may be with a contact who is no influencer.
    """

    kind: str
    id: int
    title: str
    influencer_id: int | None
    with_whom: str
    owner_name: str
    due_on: date
    days_late: int


@dataclass(frozen=True)
class Part:
    """What is shown of a part of the day, and how many there are in all."""

    shown: list[Due]
    count: int


def of_day(today: date, owner_id: int | None, user: User | None, limit: int) -> dict[str, Part]:
    """Return each of PARTS with the first that are due in it; of one owner or of all, that the user sees."""
    found = _open(today + AHEAD, owner_id, user)
    part = case((found.c.due_on < today, "overdue"), (found.c.due_on == today, "today"), else_="coming").label("part")
    order = [found.c.due_on, found.c.kind, found.c.id]
    place = func.row_number().over(partition_by=part, order_by=order).label("place")
    placed = select(found, part, place, func.count().over(partition_by=part).label("number")).subquery()
    chosen = select(placed).where(placed.c.place <= limit).order_by(placed.c.due_on, placed.c.kind, placed.c.id)
    rows = db.session.execute(chosen).all()
    read = {(one.kind, one.id): one for one in _read(rows, today)}
    counts = {row.part: row.number for row in rows}
    return {
        name: Part([read[row.kind, row.id] for row in rows if row.part == name], counts.get(name, 0)) for name in PARTS
    }


def of_part(part: str, today: date, owner_id: int | None, user: User | None, number: int) -> Page:
    """Return that page of all that is due in one of PARTS."""
    found = _open({"overdue": today - timedelta(days=1), "today": today}.get(part, today + AHEAD), owner_id, user)
    query = select(found)
    if part != "overdue":
        query = query.where(found.c.due_on >= (today if part == "today" else today + timedelta(days=1)))
    query = query.add_columns(func.count().over().label("number"))
    query = _ordered(query, found).limit(PER_PAGE)
    number = min(max(1, number), MOST_PAGES)
    rows = db.session.execute(query.offset((number - 1) * PER_PAGE)).all()
    if not rows and number > 1:  # Past the end: the last page.
        some = db.session.execute(query.limit(1)).first()
        number = -(-some.number // PER_PAGE) if some else 1
        rows = db.session.execute(query.offset((number - 1) * PER_PAGE)).all()
    return Page(_read(rows, today), number, PER_PAGE, rows[0].number if rows else 0)


def until(last: date, today: date, owner_id: int | None, user: User | None, limit: int | None = None) -> list[Due]:
    """Return all that is due by that day, the latest first, or the first of that."""
    found = _open(last, owner_id, user)
    return _read(db.session.execute(_ordered(select(found), found).limit(limit)).all(), today)


def _ordered(query: Select[Any], found: Subquery) -> Select[Any]:
    return query.order_by(found.c.due_on, found.c.kind, found.c.id)


def _open(last: date, owner_id: int | None, user: User | None) -> Subquery:
    """Return kind, id and day of all that is open and due by that day."""
    hidden = ~access.influencers(user)
    asks = select(literal("ask").label("kind"), Ask.id, Ask.due_on).where(
        Ask.state.in_(OPEN), Ask.due_on <= last, access.asks(user)
    )
    steps = select(literal("step").label("kind"), Interaction.id, Interaction.next_step_due).where(
        Interaction.next_step_due <= last,
        Interaction.next_step_due.is_not(None),  # In the words of the index, as is the next one.
        Interaction.next_step_done_at.is_(None),
        access.own_interactions(user),
        ~select(Influencer.id).where(Influencer.contact_id == Interaction.contact_id, hidden).exists(),
    )
    tasks = select(literal("task").label("kind"), Task.id, Task.due_on).where(
        Task.due_on <= last, Task.done_at.is_(None), access.tasks(user)
    )
    if owner_id is not None:
        asks, tasks = asks.where(Ask.owner_id == owner_id), tasks.where(Task.assignee_id == owner_id)
        steps = steps.where(func.coalesce(Interaction.next_step_user_id, Interaction.user_id) == owner_id)
    return union_all(asks, steps, tasks).subquery()


def _read(rows: Sequence[Any], today: date) -> list[Due]:
    """Return what a list shows of the rows, in their order, by one query."""
    if not rows:
        return []
    numbers: dict[str, list[int]] = {kind: [row.id for row in rows if row.kind == kind] for kind in KINDS}
    facts = union_all(_asks(numbers["ask"]), _steps(numbers["step"]), _tasks(numbers["task"])).subquery()
    query = select(facts, Contact, User).join(Contact, Contact.id == facts.c.contact_id)
    found = db.session.execute(query.outerjoin(User, User.id == facts.c.owner_id))
    read = {(one.kind, one.id): one for one in found}
    return [
        Due(
            row.kind,
            row.id,
            told.title,
            told.influencer_id,
            with_whom=told.Contact.name,
            owner_name=told.User.name if told.User else "",
            due_on=row.due_on,
            days_late=(today - row.due_on).days,
        )
        for row in rows
        for told in [read[row.kind, row.id]]
    ]


def _asks(numbers: Sequence[int]) -> Select[Any]:
    told: tuple[Any, ...] = (Ask.id, Ask.title, Influencer.contact_id, Ask.influencer_id, Ask.owner_id)
    return select(literal("ask").label("kind"), *told).join(Ask.influencer).where(Ask.id.in_(numbers))


def _steps(numbers: Sequence[int]) -> Select[Any]:
    whose = func.coalesce(Interaction.next_step_user_id, Interaction.user_id)
    told: tuple[Any, ...] = (Interaction.id, Interaction.next_step, Interaction.contact_id, Influencer.id, whose)
    query = select(literal("step"), *told).where(Interaction.id.in_(numbers))
    return query.outerjoin(Influencer, Influencer.contact_id == Interaction.contact_id)


def _tasks(numbers: Sequence[int]) -> Select[Any]:
    told: tuple[Any, ...] = (Task.id, Task.title, Influencer.contact_id, Task.influencer_id, Task.assignee_id)
    return select(literal("task"), *told).join(Task.influencer).where(Task.id.in_(numbers))
