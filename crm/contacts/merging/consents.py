"""What becomes of subscriptions and sign-ups when two records become one: no merge raises consent.

The state at the address that is kept holds; where there is none, that of the other. What was refused at either address
is refused from then on. Records of consent stay as they were written.
"""

from collections.abc import Collection

from sqlalchemy import select, update

from crm.contacts import leaving, subscriptions
from crm.contacts.models import Contact, SignUp, Subscription
from crm.delivery import suppression
from crm.delivery.models import WAITING, Delivery
from crm.extensions import db

PLACE = "carried over when two records of one person became one"
REFUSALS = frozenset({"unsubscribe", "complaint", "abuse", "erased"})


def refused(contact: Contact) -> set[str]:
    """Return the topics that a contact has left, or whose mail the address refuses; `*` where that is all mail."""
    left = {slug for slug, state in subscriptions.states(contact).items() if state == subscriptions.UNSUBSCRIBED}
    reasons = suppression.reasons(contact.email) if contact.email else {}
    return left | {list_id for list_id, reason in reasons.items() if reason in REFUSALS}


def unite(kept: Contact, gone: Contact, home: Contact) -> None:
    """Give the kept contact one subscription for each topic; `home` is that of the two whose address is kept."""
    present = {one.topic_id: one for one in _of(kept)}
    for theirs in _of(gone):
        mine = present.get(theirs.topic_id)
        if mine is None:
            theirs.contact_id = kept.id
            continue
        if home is gone:
            mine.state, mine.since = theirs.state, theirs.since
        db.session.delete(theirs)
    db.session.flush()


def refuse(kept: Contact, topics: Collection[str]) -> None:
    """Leave for the kept contact, at the address that it has now, what was refused at either address."""
    if suppression.EVERY_LIST in topics:
        leaving.unsubscribe(kept, None, method=leaving.MERGED, place=PLACE)
        return
    for topic in subscriptions.named(topics):
        leaving.unsubscribe(kept, topic, method=leaving.MERGED, place=PLACE)


def void_sign_ups(other: Contact) -> None:
    """Make worthless what waits to be confirmed at the address that is given up, and stop the mail about it.

    Sign-ups make no contact any more that could be forgotten with them.
    """
    waiting = select(SignUp.id).where(SignUp.contact_id == other.id, SignUp.state == "open")
    occasions = [f"sign-up:{number}" for number in db.session.scalars(waiting)]
    db.session.execute(update(SignUp).where(SignUp.contact_id == other.id, SignUp.state == "open").values(state="void"))
    letters = (Delivery.contact_id == other.id, Delivery.occasion.in_(occasions), Delivery.state.in_(WAITING))
    db.session.execute(update(Delivery).where(*letters).values(state="canceled"))


def settle_sign_ups(kept: Contact, gone: Contact) -> None:
    """Let no sign-up count as what brought the person here: the merge shows that there was more."""
    both = SignUp.contact_id.in_((kept.id, gone.id))
    db.session.execute(update(SignUp).where(both).values(made_contact=False))


def _of(contact: Contact) -> list[Subscription]:
    query = select(Subscription).where(Subscription.contact_id == contact.id).order_by(Subscription.id)
    return list(db.session.scalars(query.with_for_update()))
