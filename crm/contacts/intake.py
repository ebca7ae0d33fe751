"""The rows of a sign-up, written by statements that are made once: this path has to stand a rush of visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, func, select

from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.database import insert_into, run
from crm.contacts.models import Contact, SignUp, Subscription, Topic
from crm.contacts.subscriptions import ACTIVE, PENDING
from crm.delivery import suppression


@dataclass(frozen=True)
class Standing:
    """How many letters went to a contact within each of some spans, in how many of some topics it is active, and
    whether its address is blocked, even for what is no bulk mail.
    """

    mailed: tuple[int, ...]
    active: int
    blocked: bool


ACTIVE_IN = select(func.count()).where(
    Subscription.contact_id == bindparam("contact"),
    Subscription.topic_id.in_(bindparam("topics", expanding=True)),
    Subscription.state == ACTIVE,
)
LOCK = select(Contact.id).where(Contact.email == bindparam("address")).with_for_update()
TAKE_BACK = delete(Contact).where(Contact.id == bindparam("contact"))


def contact_of(address: str, language: str, source_id: int | None) -> tuple[int, bool]:
    """Return the id of the contact with this address, and whether it was made now; locks it."""
    values = {"email": address, "language": language, "source_id": source_id}
    made = run(_contact, values).scalar()
    if made is not None:
        return int(made), True
    return int(run(LOCK, {"address": address}).scalar_one()), False


def take_back(contact_id: int) -> None:
    """Delete a contact that was made in this transaction."""
    run(TAKE_BACK, {"contact": contact_id})


def standing(contact_id: int, address: str, topics: Sequence[Topic], spans: Sequence[timedelta]) -> Standing:
    """Return how the contact stands; letters for sign-ups are counted, reminders too.

    One statement, that known and unknown addresses may take equally long.
    """
    now = clock.now()
    since = {f"since{number}": now - span for number, span in enumerate(spans)}
    asked = {"contact": contact_id, "topics": [topic.id for topic in topics], **since}
    asked["address_hash"] = suppression.address_hash(address)
    *mailed, active, blocked = run(_standing_in(len(spans)), asked).one()
    return Standing(tuple(mailed), active, bool(blocked))


def active_in(contact_id: int, topics: Sequence[Topic]) -> int:
    """Return in how many of these topics the contact is active."""
    return int(run(ACTIVE_IN, {"contact": contact_id, "topics": [topic.id for topic in topics]}).scalar_one())


def keep(**values: Any) -> int | None:
    """Store a sign-up and return its id; None where this very form was stored before."""
    return run(_sign_up, values).scalar()


def wait_for_confirmation(contact_id: int, topics: Sequence[Topic]) -> None:
    """Make subscriptions pending where there are none."""
    at = clock.now()
    rows = [{"contact_id": contact_id, "topic_id": topic.id, "state": PENDING, "since": at} for topic in topics]
    run(_pending, rows)


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
    return select(*sums, ACTIVE_IN.scalar_subquery(), suppression.BLOCKED_FOR_ALL).where(mine)


@cache
def _contact(_dialect: str) -> Executable:
    return insert_into(Contact.__table__).on_conflict_do_nothing(index_elements=["email"]).returning(Contact.id)


@cache
def _sign_up(_dialect: str) -> Executable:
    return insert_into(SignUp.__table__).on_conflict_do_nothing(index_elements=["form_digest"]).returning(SignUp.id)


@cache
def _pending(_dialect: str) -> Executable:
    return insert_into(Subscription.__table__).on_conflict_do_nothing()
