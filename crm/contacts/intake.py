"""The rows of a sign-up, written by statements that are made once: this path has to stand a rush of visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, func, select

from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.database import insert_into
from crm.contacts.models import Contact, SignUp, Subscription, Topic
from crm.contacts.subscriptions import ACTIVE, PENDING
from crm.extensions import db


@dataclass(frozen=True)
class Statements:
    """What a sign-up writes and asks, in the dialect of the database."""

    contact: Executable
    lock: Executable
    sign_up: Executable
    pending: Executable


@dataclass(frozen=True)
class Standing:
    """How many letters went to a contact within each of some spans, and in how many of some topics it is active."""

    mailed: tuple[int, ...]
    active: int


ACTIVE_IN = select(func.count()).where(
    Subscription.contact_id == bindparam("contact"),
    Subscription.topic_id.in_(bindparam("topics", expanding=True)),
    Subscription.state == ACTIVE,
)


def contact_of(address: str, language: str, source_id: int | None) -> tuple[int, bool]:
    """Return the id of the contact with this address, and whether it was made now; locks it."""
    values = {"email": address, "language": language, "source_id": source_id}
    made = _run(_statements().contact, values).scalar()
    if made is not None:
        return int(made), True
    return int(_run(_statements().lock, {"address": address}).scalar_one()), False


def standing(contact_id: int, topics: Sequence[Topic], spans: Sequence[timedelta]) -> Standing:
    """Return how the contact stands; letters for sign-ups are counted, reminders too.

    One statement, that known and unknown addresses may take equally long.
    """
    now = clock.now()
    since = {f"since{number}": now - span for number, span in enumerate(spans)}
    asked = {"contact": contact_id, "topics": [topic.id for topic in topics], **since}
    *mailed, active = _run(_standing_in(len(spans)), asked).one()
    return Standing(tuple(mailed), active)


def active_in(contact_id: int, topics: Sequence[Topic]) -> int:
    """Return in how many of these topics the contact is active."""
    return int(_run(ACTIVE_IN, {"contact": contact_id, "topics": [topic.id for topic in topics]}).scalar_one())


def keep(**values: Any) -> int | None:
    """Store a sign-up and return its id; None where this very form was stored before."""
    return _run(_statements().sign_up, values).scalar()


def wait_for_confirmation(contact_id: int, topics: Sequence[Topic]) -> None:
    """Make subscriptions pending where there are none."""
    at = clock.now()
    rows = [{"contact_id": contact_id, "topic_id": topic.id, "state": PENDING, "since": at} for topic in topics]
    _run(_statements().pending, rows)


@cache
def _standing_in(spans: int) -> Executable:
    """Return what counts the letters since each of so many moments, and the topics."""
    mine = SignUp.contact_id == bindparam("contact")
    counts = [
        func.count().filter(moment > bindparam(f"since{number}", type_=UtcDateTime))
        for number in range(spans)
        for moment in (SignUp.created_at, SignUp.reminded_at)
    ]
    sums = [first + second for first, second in zip(counts[::2], counts[1::2], strict=True)]
    return select(*sums, ACTIVE_IN.scalar_subquery()).where(mine)


@cache
def _statements_of(dialect: str) -> Statements:
    return Statements(
        contact=insert_into(Contact.__table__).on_conflict_do_nothing(index_elements=["email"]).returning(Contact.id),
        lock=select(Contact.id).where(Contact.email == bindparam("address")).with_for_update(),
        sign_up=insert_into(SignUp.__table__)
        .on_conflict_do_nothing(index_elements=["form_digest"])
        .returning(SignUp.id),
        pending=insert_into(Subscription.__table__).on_conflict_do_nothing(),
    )


def _statements() -> Statements:
    return _statements_of(db.engine.dialect.name)


def _run(statement: Executable, values: Any) -> Any:
    # The connection, not the session: no object of the session is concerned.
    return db.session.connection().execute(statement, values)
