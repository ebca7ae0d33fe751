"""Who is told of what is held."""

from sqlalchemy import select

from crm.base import clock
from crm.contacts.models import Subscription
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import scheduling
from tests.mailings.makers import make_mailing, make_people


def told(words: str) -> list[str]:
    """Return to whom letters went whose subject begins with these words."""
    query = select(Delivery.address).join(Message, Message.id == Delivery.message_id)
    return sorted(db.session.scalars(query.where(Message.subject.startswith(words))))


def test_author_and_scheduler_are_told_once_that_a_mailing_is_held_and_why(as_alice, oscar):
    make_people(1)
    mailing = make_mailing(by=oscar.email)
    form = {"when": "now", "zone": "UTC", "version": mailing.version}
    assert as_alice.post(f"/staff/mailings/{mailing.id}/schedule", data=form).status_code == 302
    db.session.query(Subscription).update({"state": "unsubscribed"})
    mailing.scheduled_at = clock.now()  # The minutes in which it can be taken back are over.
    db.session.commit()
    for _ in range(2):
        scheduling.release_due()
    assert told("A mailing is held") == ["alice@bridgeway.example", oscar.email]
    assert "Nobody would get it" in str(db.session.scalars(select(Delivery.merge)).first())
