"""The rows behind a number of the report, and how many it counts whom no row can tell, and why."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from crm.base.acted import acted
from crm.base.forms import row_number
from crm.base.pages import Page, paginate_rows
from crm.contacts.models import Contact
from crm.delivery import pruned
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.goals import progress
from crm.goals.models import Goal
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.reading.models import PersonalClick
from crm.mailings.reading.trails import Place
from crm.mailings.report import acts, arrived, growth, leaving, origins, versions
from crm.mailings.report.acts import Span
from crm.mailings.report.arrived import Copies
from crm.mailings.report.people import LABELS
from crm.organizations import coalition

JOINED = "joined"
NAMELESS = "done by people who are no longer on record, or were never known by name"
COPIES: dict[str, Callable[[Copies], int]] = {
    "delivered": lambda copies: copies.delivered,
    "unsubscribed": lambda copies: copies.left,
    "complained": lambda copies: copies.complained,
    "bounced": lambda copies: copies.bounced,
    "held": lambda copies: copies.states["uncertain"],
}


@dataclass(frozen=True)
class Narrowed:
    """Which part of a number: of a language, a version (versions.key), a link (its number) or a source; "" for all.

    Of new supporters: who came that way (of growth.WAYS), or on that day. goal: what counts toward it (its id).
    """

    language: str = ""
    version: str = ""
    link: str = ""
    source: str = ""
    way: str = ""
    day: str = ""
    goal: str = ""

    def messages(self, mailing: Mailing) -> list[int]:
        """Return the ids of the messages that are meant."""
        same = (one for one in mailing.messages if self.language in ("", one.language))
        return [one.message_id for one in same if self.version in ("", versions.key(one.variant))]

    def holds(self, place: Place) -> bool:
        """Tell whether a link at that place is meant."""
        of_text = self.language in ("", place.language) and self.version in ("", versions.key(place.variant))
        return of_text and self.link in ("", str(place.link))

    @property
    def by_place(self) -> bool:
        """Whether the place of a link matters."""
        return bool(self.language or self.version or self.link)


def words(mailing: Mailing, narrowed: Narrowed) -> dict[str, str]:
    """Return what is narrowed, and to what, in words."""
    said = vars(narrowed) | {"how they came": growth.WAYS.get(narrowed.way, "")}
    goal = _goal(narrowed)
    said["version"] = versions.labels(mailing).get(narrowed.version, narrowed.version)
    said |= {"what counts toward the goal": goal.title if goal else ""}
    if narrowed.source:
        said["source"] = narrowed.source.partition(":")[2] or "unknown"
    return {name: value for name, value in said.items() if value and name not in ("way", "goal")}


def names() -> dict[str, str]:
    """Return what can be opened, and its name."""
    done = {name: act.label for name, act in acted.items()}
    return {name: LABELS[name] for name in (*COPIES, "acted", JOINED)} | done


def page(mailing: Mailing, name: str, narrowed: Narrowed, number: int) -> Page:
    """Return a page of rows: (contact id, address, moment, how often or what the mail server said)."""
    return paginate_rows(_query(mailing, name, narrowed), number)


def untold(mailing: Mailing, name: str, narrowed: Narrowed, told: int) -> str:
    """Return how many the number counts besides the rows that are told, and why, in words; "" for none."""
    if name in COPIES:
        if narrowed.source:
            return ""
        found = arrived.by_message(mailing)
        copies = arrived.together(found[one] for one in narrowed.messages(mailing))
        return pruned.told(max(0, COPIES[name](copies) - told))
    if name == JOINED:
        return ""
    if narrowed.source:
        return ""
    if goal := _goal(narrowed):
        moments = growth.toward(mailing, goal)
        named = db.session.scalar(select(func.sum(_query(mailing, name, narrowed).subquery().c.times))) or 0
        return f"{len(moments) - named:,} more: {NAMELESS}." if len(moments) > named else ""
    if narrowed.by_place:
        places = acts.people_by_place(mailing)
        nameless = sum(not isinstance(one, int) for place in places if narrowed.holds(place) for one in places[place])
        return f"{nameless:,} more: {NAMELESS}." if nameless else ""
    done, kinds = acts.of(mailing)
    people = next((kind.people for kind in kinds if kind.name == name), done.people)
    return f"{people - told:,} more: {NAMELESS}." if people > told else ""


def clicked(mailing: Mailing, narrowed: Narrowed) -> Select[PersonalClick]:
    """Return the query of what those followed who are known by name and got such a copy, or came by such a source."""
    query = clicks.who(mailing, row_number(narrowed.link) or None)
    if narrowed.language or narrowed.version:
        got = select(Delivery.contact_id).where(Delivery.message_id.in_(narrowed.messages(mailing)))
        query = query.where(PersonalClick.contact_id.in_(got.where(Delivery.contact_id.is_not(None))))
    if narrowed.source:
        query = query.where(PersonalClick.contact_id.in_(select(Contact.id).where(origins.of_source(narrowed.source))))
    return query


def clicked_besides(mailing: Mailing, narrowed: Narrowed) -> int:
    """Return how many followed a link whose names nobody may know, each counted once a day."""
    if narrowed.source:
        return 0
    found = clicks.of(mailing)
    if narrowed.link:
        total = sum(link.visitors for link in found.links if str(link.number) == narrowed.link)
    elif narrowed.by_place:
        total = sum(who for said, who, _ in found.texts if narrowed.holds(Place(0, *said)))
    else:
        total = found.unique
    who = clicked(mailing, narrowed).with_only_columns(PersonalClick.contact_id).order_by(None).distinct()
    return max(0, total - len(db.session.scalars(who).all()))


def people(rows: Page) -> dict[int, Contact]:
    """Return the contacts of a page by their ids."""
    ids = {row[0] for row in rows.rows if row[0] is not None}
    return {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(ids)))}


def _query(mailing: Mailing, name: str, narrowed: Narrowed) -> Select[Any]:
    if name in COPIES:
        return _copies(mailing, name, narrowed)
    span = _span(narrowed)
    if name == JOINED:
        return _joined(mailing, [narrowed.way] if narrowed.way in growth.WAYS else [*growth.WAYS], span)
    chosen = narrowed.holds if narrowed.by_place else None
    done = acts.who(mailing, "" if name == "acted" else name, chosen, span).order_by(None).subquery()
    query = select(done.c.contact_id, Contact.email, done.c.at, done.c.times)
    query = query.join(Contact, Contact.id == done.c.contact_id)
    if narrowed.source:
        query = query.where(origins.of_source(narrowed.source))
    return query.order_by(done.c.at.desc(), done.c.contact_id)


def _joined(mailing: Mailing, ways: list[str], span: Span | None) -> Select[Any]:
    came = [growth.who(mailing, way).order_by(None) for way in ways]
    contact_id, at = union_all(*came).subquery().c
    query = select(contact_id, Contact.email, at, literal("")).join(Contact, Contact.id == contact_id)
    query = query.where(at >= span[0], at < span[1]) if span else query
    return query.order_by(at.desc(), contact_id)


def _span(narrowed: Narrowed) -> Span | None:
    """Return between which moments it was done; None for whenever."""
    if goal := _goal(narrowed):
        return progress.span(goal)
    with suppress(ValueError, OverflowError):
        day = date.fromisoformat(narrowed.day)
        return coalition.midnight(day), coalition.midnight(day + timedelta(days=1))
    return None


def _goal(narrowed: Narrowed) -> Goal | None:
    number = row_number(narrowed.goal)
    return db.session.get(Goal, number) if number else None


def _copies(mailing: Mailing, name: str, narrowed: Narrowed) -> Select[Any]:
    messages = narrowed.messages(mailing)
    columns: list[Any] = [Delivery.contact_id, Delivery.address, Delivery.sent_at, Delivery.smtp_reply]
    query: Select[Any] = select(*columns).where(Delivery.message_id.in_(messages), _is(name, mailing, messages))
    if narrowed.source:
        query = query.join(Contact, Contact.id == Delivery.contact_id).where(origins.of_source(narrowed.source))
    return query.order_by(Delivery.id)


def _is(name: str, mailing: Mailing, messages: list[int]) -> ColumnElement[bool]:
    reports = Bounce.message_id.in_(messages)
    sent, back = Delivery.state == "sent", Delivery.id.in_(arrived.reported(reports, *arrived.CAME_BACK))
    return {
        "delivered": sent & ~back,
        "unsubscribed": leaving.has_left(mailing),
        "complained": sent & Delivery.id.in_(arrived.reported(reports, *arrived.COMPLAINED)),
        "bounced": (sent & back) | (Delivery.state == "failed"),
        "held": Delivery.state == "uncertain",
    }[name]
