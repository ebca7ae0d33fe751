"""What became of the copies of a mailing, text by text: what arrived, came back, or was complained about.

A mail server that takes a copy may send it back later, so what was sent has been delivered only where nothing came
back. What is only late has not come back. Copies that are no longer kept still count.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from crm.delivery import pruned
from crm.delivery.bounces import classes, recording, refusals
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.report import leaving

CAME_BACK = (
    Bounce.kind.in_(classes.REFUSALS),
    Bounce.effect != recording.NOTHING,  # It is only delayed.
    Bounce.source != refusals.SOURCE,  # It was refused at once, and has failed.
)
COMPLAINED = (Bounce.kind == classes.COMPLAINT,)


@dataclass
class Copies:
    """Copies by state, how many people's came back or were complained about (and by how many reports), who left."""

    states: Counter[str] = field(default_factory=Counter)
    returned: int = 0
    returns: int = 0
    complained: int = 0
    complaints: int = 0
    left: int = 0

    @property
    def tried(self) -> int:
        """What was handed to a mail server, with or without success."""
        return self.states["sent"] + self.states["failed"] + self.states["uncertain"]

    @property
    def delivered(self) -> int:
        """What a mail server took, and sent back no later."""
        return max(0, self.states["sent"] - self.returned)

    @property
    def bounced(self) -> int:
        """What was refused at once, or came back."""
        return self.states["failed"] + self.returned

    @property
    def bounces(self) -> int:
        """By how many refusals and reports."""
        return self.states["failed"] + self.returns


def by_message(mailing: Mailing) -> dict[int, Copies]:
    """Return what became of the copies of each message of a mailing, by its id."""
    found = _handed_over(mailing)
    _cancel_what_waits(found)
    for of, people, reports in db.session.execute(_reported(found, *COMPLAINED)):
        found[of].complained, found[of].complaints = people, reports
    for message_id, left in leaving.by_message(mailing).items():
        found[message_id].left = left
    return found


def delivered(mailing: Mailing) -> int:
    """Return of how many people a mail server took a mailing, and sent it back no later."""
    return together(_handed_over(mailing).values()).delivered


def together(copies: Iterable[Copies]) -> Copies:
    """Return the sum of these."""
    total = Copies()
    for one in copies:
        total.states.update(one.states)
        for name in ("returned", "returns", "complained", "complaints", "left"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


def reported(*conditions: ColumnElement[bool]) -> Select[int | None]:
    """Return the select of the ids of the copies that such reports are about."""
    return select(Bounce.delivery_id).where(Bounce.delivery_id.is_not(None), *conditions)


def _reported(message_ids: Iterable[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query of (message id, people, reports): by copies, and by addresses where the copies are gone."""
    sent = (Bounce.delivery_id.is_(None)) | (Delivery.state == "sent")
    gone = func.count(case((Bounce.delivery_id.is_(None), Bounce.address_hash)).distinct())
    columns: list[Any] = [Bounce.message_id, func.count(Bounce.delivery_id.distinct()) + gone, func.count()]
    query: Select[Any] = select(*columns).outerjoin(Delivery, Delivery.id == Bounce.delivery_id)
    query = query.where(Bounce.message_id.in_(list(message_ids)), *conditions, sent)
    return query.group_by(Bounce.message_id)


def _handed_over(mailing: Mailing) -> dict[int, Copies]:
    """Return the copies of each message by state, and what came back of them."""
    found = {message_id: Copies() for message_id in mailing.message_ids}
    for message_id, state, number in db.session.execute(pruned.counts(found)):
        found[message_id].states[state] += int(number)
    for of, people, reports in db.session.execute(_reported(found, *CAME_BACK)):
        found[of].returned, found[of].returns = people, reports
    return found


def _cancel_what_waits(found: dict[int, Copies]) -> None:
    """Count what waits for a canceled message as canceled, as it will be."""
    canceled = select(Message.id).where(Message.id.in_(list(found)), Message.state == "canceled")
    for message_id in db.session.scalars(canceled):
        states = found[message_id].states
        states["canceled"] += states.pop("queued", 0) + states.pop("deferred", 0)
