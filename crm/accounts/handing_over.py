"""Handing over what somebody of the staff has in hand, all of it in one step, as when they leave.

The subjects above say what that is (`registries.handovers`).
"""

from dataclasses import dataclass

from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.users import Refused
from crm.base import audit, clock
from crm.base.changes import lock
from crm.base.public_pages import public_url
from crm.base.registries import handovers
from crm.delivery import letters
from crm.extensions import db


@dataclass(frozen=True)
class InHand:
    """How much of one kind somebody has in hand."""

    label: str
    number: int


def of(user: User) -> list[InHand]:
    """Return what the user has in hand, each kind, zeros too."""
    return [InHand(one.label, one.count(user)) for one in handovers]


def receivers(giver: User) -> list[User]:
    """Return everybody else whose account is open, colleagues of the same organization first."""
    others = select(User).where(User.active, User.id != giver.id).order_by(User.name)
    return sorted(db.session.scalars(others), key=lambda user: user.organization_id != giver.organization_id)


def hand_over(giver: User, receiver: User, by: User) -> list[InHand]:
    """Move what the receiver may see, tell the receiver by one letter, and return how much moved; raises Refused."""
    if giver.id == receiver.id or not receiver.active:
        raise Refused("Choose somebody else whose account is open.")
    lock(giver)  # So that two admins at once do not hand the same over to two people.
    moved = [InHand(one.label, one.hand_over(giver, receiver, by)) for one in handovers]
    moved = [one for one in moved if one.number]
    if not moved:
        raise Refused(f"Nothing was handed over: {receiver.name} may see nothing of it, or nothing is left.")
    audit.record("hand_over", "user", giver.id, to=receiver.email, moved={one.label: one.number for one in moved})
    _tell(giver, receiver, by, moved)
    return moved


def _tell(giver: User, receiver: User, by: User, moved: list[InHand]) -> None:
    merge = {
        "name": receiver.name or receiver.email,
        "giver": giver.name or giver.email,
        "by": by.name or by.email,
        "staff_url": public_url("/staff/"),
    }
    for number, one in enumerate(moved):
        merge |= {f"label_{number}": one.label, f"number_{number}": f"{one.number:,}"}
    occasion = f"handed over:{giver.id}:{clock.now().isoformat(timespec='microseconds')}"
    letters.send(
        "handed_over", receiver.email, locale="en", occasion=occasion, merge=merge, shape={"kinds": len(moved)}
    )
