"""The rows of a sign-up, written by statements that are made once: this path has to stand a rush of visitors."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Executable,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
)

from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.database import insert_into
from crm.base.prepared import Prepared
from crm.contacts.models import Contact, SignUp, Source, Subscription, Topic
from crm.contacts.subscriptions import ACTIVE, PENDING, PUBLIC
from crm.delivery import suppression


@dataclass(frozen=True)
class Standing:
    """How many letters went to a contact within each of some spans, in how many of some topics it is active, and
    whether its address is blocked, even for what is no bulk mail.
    """

    mailed: tuple[int, ...]
    active: int
    blocked: bool


OFFER = Prepared(lambda: PUBLIC.with_only_columns(Topic.id, Topic.slug, Topic.names, Topic.default, _source()))
MAKE = Prepared(lambda: _new(Contact).on_conflict_do_nothing(index_elements=["email"]).returning(Contact.id))
LOCK = Prepared(lambda: select(Contact.id).where(Contact.email == bindparam("address")).with_for_update())
TAKE_BACK = Prepared(lambda: delete(Contact).where(Contact.id == bindparam("contact")))
KEEP = Prepared(lambda: _new(SignUp).on_conflict_do_nothing(index_elements=["form_digest"]).returning(SignUp.id))


def offer(source: str = "") -> tuple[list[Topic], int | None]:
    """Return the topics that visitors may choose, in their order, and the id of the source of that digest, if known.

    The topics are copies that the session does not know.
    """
    rows = OFFER.all({"source": source})
    topics = [
        # PostgreSQL's driver reads JSON itself.
        Topic(id=number, slug=slug, names=json.loads(names) if isinstance(names, str) else names, default=bool(default))
        for number, slug, names, default, _ in rows
    ]
    return topics, rows[0][-1] if rows else None


def contact_of(address: str, language: str, source_id: int | None) -> tuple[int, bool]:
    """Return the id of the contact with this address, and whether it was made now; locks it."""
    values = {"email": address, "language": language, "source_id": source_id}
    made = MAKE.scalar(values)
    if made is not None:
        return int(made), True
    return int(LOCK.one({"address": address})[0]), False


def take_back(contact_id: int) -> None:
    """Delete a contact that was made in this transaction."""
    TAKE_BACK.first({"contact": contact_id})


def standing(contact_id: int, address: str, topics: Sequence[Topic], spans: Sequence[timedelta]) -> Standing:
    """Return how the contact stands; letters for sign-ups are counted, reminders too.

    One statement, that known and unknown addresses may take equally long.
    """
    now = clock.now()
    since = {f"since{number}": now - span for number, span in enumerate(spans)}
    asked = {"contact": contact_id, "address_hash": suppression.address_hash(address), **_numbered(topics), **since}
    *mailed, active, blocked = _standing_in(len(topics), len(spans)).one(asked)
    return Standing(tuple(mailed), active, bool(blocked))


def active_in(contact_id: int, topics: Sequence[Topic]) -> int:
    """Return in how many of these topics the contact is active."""
    return int(_active_in(len(topics)).one({"contact": contact_id, **_numbered(topics)})[0])


def keep(**values: Any) -> int | None:
    """Store a sign-up and return its id; None where this very form was stored before."""
    kept: int | None = KEEP.scalar(values)
    return kept


def wait_for_confirmation(contact_id: int, topics: Sequence[Topic]) -> None:
    """Make subscriptions pending where there are none."""
    _waiting_for(len(topics)).first({"contact": contact_id, "since": clock.now(), **_numbered(topics)})


def _numbered(topics: Sequence[Topic]) -> dict[str, int]:
    return {f"topic{number}": topic.id for number, topic in enumerate(topics)}


def _places(topics: int) -> list[BindParameter[int]]:
    return [bindparam(f"topic{number}", type_=Integer) for number in range(topics)]


def _source() -> ScalarSelect[int]:
    return select(Source.id).where(Source.digest == bindparam("source")).scalar_subquery()


def _new(model: Any) -> Any:
    return insert_into(model.__table__)


@cache
def _waiting_for(topics: int) -> Prepared:
    contact, since = bindparam("contact", type_=Integer), bindparam("since", type_=UtcDateTime)
    about = {"contact_id": contact, "state": PENDING, "since": since}
    rows = [{**about, "topic_id": topic} for topic in _places(topics)]
    return Prepared(lambda: _new(Subscription).values(rows).on_conflict_do_nothing())


@cache
def _active_in(topics: int) -> Prepared:
    return Prepared(lambda: _count_of_active(topics))


def _count_of_active(topics: int) -> Select[int]:
    """Return what counts in how many of so many topics a contact is active."""
    mine = (Subscription.contact_id == bindparam("contact"), Subscription.state == ACTIVE)
    wanted = [Subscription.topic_id == topic for topic in _places(topics)]
    return select(func.count()).where(*mine, or_(false(), *wanted))


@cache
def _standing_in(topics: int, spans: int) -> Prepared:
    """Return what counts the topics, and the letters since each of so many moments."""
    return Prepared(lambda: _count_all(topics, spans))


def _count_all(topics: int, spans: int) -> Executable:
    mine = SignUp.contact_id == bindparam("contact")
    counts = [
        func.count().filter(moment > bindparam(f"since{number}", type_=UtcDateTime))
        for number in range(spans)
        for moment in (SignUp.created_at, SignUp.reminded_at)
    ]
    sums = [first + second for first, second in zip(counts[::2], counts[1::2], strict=True)]
    active = _count_of_active(topics).scalar_subquery()
    return select(*sums, active, suppression.BLOCKED_FOR_ALL).where(mine)
