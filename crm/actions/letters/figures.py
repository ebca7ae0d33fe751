"""How many letters and calls each target got, by what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, select

from crm.actions.letters.models import Outreach
from crm.actions.targets.channels import EMAIL, FORM, PHONE
from crm.delivery.models import Delivery
from crm.extensions import db

WAITING, SENT, STOPPED, FAILED, BY_FORM, CALLED = "waiting", "sent", "canceled", "failed", "form", "phone"
STATES = {
    WAITING: "Letters that wait",
    SENT: "Letters sent",
    STOPPED: "Letters canceled",
    FAILED: "Letters that failed",
    BY_FORM: "Sent by web form",
    CALLED: "Calls",
}
OF_DELIVERY: Mapping[str, Sequence[str]] = {
    WAITING: ("queued", "deferred", "in_flight"),
    SENT: ("sent",),
    STOPPED: ("canceled",),
    FAILED: ("failed", "suppressed", "uncertain"),
}


@dataclass
class Figures:
    """How many there are in each state, in all and by the number of the target."""

    total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    by_target: dict[int, dict[str, int]] = field(default_factory=dict)


def of(action_id: int) -> Figures:
    """Return the figures of an action."""
    state = func.coalesce(Delivery.state, SENT)  # Copies that were deleted because of their age had left.
    query = select(Outreach.target_id, Outreach.channel, state, func.count())
    query = query.outerjoin(Delivery, Delivery.id == Outreach.delivery_id).where(Outreach.action_id == action_id)
    found = Figures()
    for target_id, channel, state_of, number in db.session.execute(
        query.group_by(Outreach.target_id, Outreach.channel, state)
    ):
        name = named(channel, state_of)
        mine = found.by_target.setdefault(target_id, dict.fromkeys(STATES, 0))
        mine[name] += number
        found.total[name] += number
    return found


def named(channel: str, delivery_state: str | None) -> str:
    """Return what became of one, by its channel and the state of its delivery."""
    if channel != EMAIL:
        return BY_FORM if channel == FORM else CALLED
    state = delivery_state or SENT
    return next(name for name, states in OF_DELIVERY.items() if state in states)


def condition(name: str) -> ColumnElement[bool]:
    """Return the condition, over outreach with its delivery joined, of one of the states."""
    if name in (BY_FORM, CALLED):
        return Outreach.channel == (FORM if name == BY_FORM else PHONE)
    state = func.coalesce(Delivery.state, SENT)
    return and_(Outreach.channel == EMAIL, state.in_(OF_DELIVERY[name]))
