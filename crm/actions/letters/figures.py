"""How many letters and calls each target got, by what became of them.

A letter's copy is deleted when it is old (KEEP_DELIVERIES_DAYS); then only the numbers of its target tell whether it
was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, case, func, select

from crm.actions.letters.models import Outreach
from crm.actions.targets.channels import EMAIL, FORM, PHONE
from crm.actions.targets.models import Target
from crm.delivery.models import FINAL, Delivery, PrunedCount
from crm.extensions import db

WAITING, SENT, STOPPED, FAILED, GONE, BY_FORM, CALLED = "waiting", "sent", "canceled", "failed", "gone", "form", "phone"
STATES = {
    WAITING: "Letters that wait",
    SENT: "Letters sent",
    STOPPED: "Letters canceled",
    FAILED: "Letters that failed",
    GONE: "Letters too old to tell",
    BY_FORM: "Sent by web form",
    CALLED: "Calls",
}
OF_DELIVERY: Mapping[str, Sequence[str]] = {
    WAITING: ("queued", "deferred", "in_flight"),
    SENT: ("sent",),
    STOPPED: ("canceled",),
    FAILED: ("failed", "suppressed", "uncertain"),
    GONE: ("gone",),
}
WORDS = {SENT: ("was sent", "were sent"), STOPPED: ("was canceled", "were canceled"), FAILED: ("failed", "failed")}
STATE = case((Outreach.delivery_id.is_(None), SENT), else_=func.coalesce(Delivery.state, GONE))
"""The state of the delivery that is joined; what never had one was sent by other means."""


@dataclass
class Figures:
    """How many there are in each state, in all and by the number of the target."""

    total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    by_target: dict[int, dict[str, int]] = field(default_factory=dict)


def of(action_id: int) -> Figures:
    """Return the figures of an action."""
    query = select(Outreach.target_id, Outreach.channel, STATE, func.count())
    query = query.outerjoin(Delivery, Delivery.id == Outreach.delivery_id).where(Outreach.action_id == action_id)
    found = Figures()
    for target_id, channel, state_of, number in db.session.execute(
        query.group_by(Outreach.target_id, Outreach.channel, STATE)
    ):
        name = named(channel, state_of)
        mine = found.by_target.setdefault(target_id, dict.fromkeys(STATES, 0))
        mine[name] += number
        found.total[name] += number
    return found


def of_gone(action_id: int) -> str:
    """Return in a sentence what became of the letters of an action whose copies are gone; "" where that is not kept."""
    query = select(PrunedCount.state, func.sum(PrunedCount.number)).where(PrunedCount.state.in_(FINAL))
    query = query.join(Target, Target.message_id == PrunedCount.message_id).where(Target.action_id == action_id)
    known = dict.fromkeys(WORDS, 0)
    for state, number in db.session.execute(query.group_by(PrunedCount.state)):
        known[_name(state)] += int(number)
    told = ", ".join(f"{number:,} {WORDS[name][number > 1]}" for name, number in known.items() if number)
    return f"Of letters too old to tell one by one, {told}." if told else ""


def named(channel: str, state: str) -> str:
    """Return what became of one, by its channel and STATE."""
    if channel != EMAIL:
        return BY_FORM if channel == FORM else CALLED
    return _name(state)


def condition(name: str) -> ColumnElement[bool]:
    """Return the condition, over outreach with its delivery joined, of one of the states."""
    if name in (BY_FORM, CALLED):
        return Outreach.channel == (FORM if name == BY_FORM else PHONE)
    return and_(Outreach.channel == EMAIL, STATE.in_(OF_DELIVERY[name]))


def _name(state: str) -> str:
    return next(name for name, states in OF_DELIVERY.items() if state in states)
