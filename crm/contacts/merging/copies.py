"""Mail on its way to somebody of whom there were two records: each message reaches the person once at most.

What the freezing of an audience writes at the same moment is found too: the unique key of a copy lets one of the two
wait for the other, and both take the addresses in their order.
"""

from dataclasses import dataclass

from sqlalchemy import or_, select

from crm.base import registries
from crm.contacts import subscriptions
from crm.contacts.models import Contact
from crm.delivery import outbox, rates
from crm.delivery.addresses import normalize
from crm.delivery.models import WAITING, Delivery, Message
from crm.extensions import db

ARRIVES = ("in_flight", "sent", "uncertain")


@dataclass(frozen=True)
class Merged:
    """What became one: the ids of both contacts, and the addresses that is kept and that was given up.

    canceled: how many copies the merge itself has canceled.
    """

    contact_id: int
    gone_id: int
    home: str
    former: str
    canceled: int = 0


def settle(merged: Merged) -> int:
    """Cancel the copies that would be a second one, and return how many; may run twice without harm.

    Runs in the transaction of the merge, and once more after it (`settle_again`).
    """
    contact = db.session.get(Contact, merged.contact_id)
    if contact is None or not merged.former or not merged.home:
        return 0
    gets = {slug for slug, state in subscriptions.states(contact).items() if state == subscriptions.ACTIVE}
    growing = {number for ids in registries.growing_messages for number in ids()}
    done = 0
    for message in _concerned(merged, growing):
        done += _settle(message, merged, growing=message.id in growing, wanted=message.list_id in gets)
    return done


def settle_again(merged: Merged) -> None:
    """Settle once more after the merge's commit, for a mailing that was begun in between; let nobody wait behind what
    is canceled.

    The latter not in the transaction of the merge, which may have blocked an address: whoever takes letters holds the
    limits first, and then waits for those who block.
    """
    if settle(merged) + merged.canceled:
        rates.book_anew()


def _concerned(merged: Merged, growing: set[int]) -> list[Message]:
    both = Delivery.contact_id.in_((merged.contact_id, merged.gone_id))
    waiting = select(Delivery.message_id).where(both, Delivery.contact_id.is_not(None), Delivery.state.in_(WAITING))
    query = select(Message).where(or_(Message.id.in_(growing), Message.id.in_(waiting)))
    return list(
        db.session.scalars(query.where(Message.kind == "bulk", Message.state != "canceled").order_by(Message.id))
    )


def _settle(message: Message, merged: Merged, *, growing: bool, wanted: bool) -> int:
    home, former = normalize(merged.home), normalize(merged.former)
    made = _held(message, merged, sorted((home, former))) if growing else set()
    rows = _rows(message, (home, former))
    own, old = rows.get(home), rows.get(former)
    if old is None:
        return 0
    if former in made:
        # So that the freezing, which has not come there, passes the address over, but not the person.
        old.state, old.contact_id = "canceled", merged.gone_id
        _let_go(own, home in made)
        return 0
    waits = old.state in WAITING
    reached = own is not None and home not in made and own.state in (*WAITING, *ARRIVES)
    if waits and (reached or not wanted):
        old.state = "canceled"
        _let_go(own, home in made)
        return 1
    if (waits or old.state in ARRIVES) and own is not None and own.state in WAITING:
        own.state = "canceled"
        return 1
    _let_go(own, home in made and own is not None and own.state in WAITING)
    return 0


def _held(message: Message, merged: Merged, addresses: list[str]) -> set[str]:
    """Take the place of copies that the freezing has not made yet; return the addresses where there was none."""
    return {one for one in addresses if outbox.queue(message, one, contact_id=merged.contact_id) is not None}


def _rows(message: Message, addresses: tuple[str, str]) -> dict[str, Delivery]:
    copies = (Delivery.message_id == message.id, Delivery.address.in_(addresses), Delivery.occasion == "")
    found = db.session.scalars(select(Delivery).where(*copies).order_by(Delivery.address).with_for_update())
    return {row.address: row for row in found}


def _let_go(own: Delivery | None, made_here: bool) -> None:
    """Leave it to the freezing whether there is a copy for the address that is kept."""
    if own is not None and made_here:
        db.session.delete(own)
