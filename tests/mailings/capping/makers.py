"""A cap, and mailings that were sent before."""

from datetime import timedelta

from crm.base import clock, wall_clock
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.capping import deciding
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.models import Mailing
from tests.mailings.makers import make_mailing


def make_cap(most: int = 1, days: int = 7, **values) -> FrequencyCap:
    cap = deciding.row()
    for name, value in {"active": True, "most": most, "days": days, **values}.items():
        setattr(cap, name, value)
    db.session.commit()
    return cap


def release(mailing: Mailing) -> Mailing:
    """Send it now, as far as the outbox."""
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    db.session.expire_all()
    return db.session.get(Mailing, mailing.id)


def sent_before(*people, days: float = 1, state: str = "sent", **values) -> Mailing:
    """A mailing of so many days ago of which only these people have copies."""
    at = clock.now() - timedelta(days=days)
    mailing = release(make_mailing(**{"subject": "Earlier", **values}))
    copies = db.session.query(Delivery).filter(Delivery.message_id.in_(mailing.message_ids))
    copies.filter(Delivery.contact_id.not_in([one.id for one in people])).delete()
    copies.update({"state": state, "sent_at": at if state == "sent" else None, "first_tried_at": at})
    mailing.state, mailing.finished_at = "finished", at
    db.session.commit()
    return mailing


def reached(mailing: Mailing) -> set[str]:
    """The addresses that have a copy."""
    query = db.session.query(Delivery.address).filter(Delivery.message_id.in_(mailing.message_ids))
    return {row.address for row in query}
