"""Whom the cap leaves out of a mailing: who has, or is about to get, as many others as it allows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, case, false, func, or_, select

from crm.base import clock
from crm.contacts.models import Contact
from crm.contacts.segment_tests import among
from crm.delivery.models import WAITING, Delivery, Message
from crm.extensions import db
from crm.mailings import copies
from crm.mailings.capping.models import CapException, CappedContact, FrequencyCap
from crm.mailings.models import Mailing, MailingMessage

ONLY = 1
MOST_DAYS = 90


def current() -> FrequencyCap | None:
    """Return the coalition's cap; None where none was ever set."""
    return db.session.get(FrequencyCap, ONLY)


def of(mailing: Mailing) -> FrequencyCap | None:
    """Return the cap that the mailing is under: None where there is none, or it goes to all the same."""
    cap = current()
    if cap is None or not cap.active or mailing.kind in cap.free_kinds or exception(mailing):
        return None
    return cap


def exception(mailing: Mailing) -> CapException | None:
    """Return who decided that the mailing goes to all the same, and why; None where nobody did."""
    return db.session.get(CapException, mailing.id) if mailing.id else None


def days(cap: FrequencyCap) -> int:
    """Return how far back the cap looks: no farther than copies are kept (KEEP_DELIVERIES_DAYS)."""
    kept = current_app.config["KEEP_DELIVERIES_DAYS"]
    return min(cap.days, kept) if kept else cap.days


def leaves_out(mailing: Mailing, among_few: Select[int] | None = None) -> ColumnElement[bool] | None:
    """Return the condition that the cap leaves a contact out of the mailing; None where it is under no cap.

    among_few: that the contact is one of these is asked besides, so that only their copies are looked at.
    """
    if mailing.messages:
        return left_out(mailing).where(CappedContact.contact_id == Contact.id).correlate(Contact).exists()
    cap = of(mailing)
    return None if cap is None else among(over(cap, mailing, among_few))


def left_out(mailing: Mailing) -> Select[Any]:
    """Return the select of the ids of those whom the cap leaves out of the mailing, each once.

    Once it is released, they stand in rows; before, it is whom the cap would leave out now.
    """
    rows = select(CappedContact.contact_id).where(CappedContact.mailing_id == mailing.id)
    if mailing.messages:
        return rows
    cap = of(mailing)
    return rows.where(false()) if cap is None else over(cap, mailing)


def over(cap: FrequencyCap, mailing: Mailing, among_few: Select[int] | None = None) -> Select[Any]:
    """Return the select of the ids of contacts who have, or are about to get, as many other mailings as it allows.

    Of all they are counted by message, not by contact: the copies of one message lie side by side, those of one contact
    do not. Of few they are counted by contact: "+ 0" keeps the planners from reading all copies of each message.
    """
    counted, others = _others(cap, mailing)
    query = select(Delivery.contact_id).where(Delivery.contact_id.is_not(None), counted)
    if among_few is None:
        query = query.where(Delivery.message_id.in_(others))
    else:
        query = query.where(Delivery.contact_id.in_(among_few), (Delivery.message_id + 0).in_(others))
    return query.group_by(Delivery.contact_id).having(func.count() >= cap.most)


def moments(cap: FrequencyCap, mailing: Mailing, contact_ids: Collection[int]) -> dict[int, list[datetime | None]]:
    """Return when each of these contacts got what is counted of other mailings; None for what they are about to get.

    Of few contacts, so counted by contact (see `over`).
    """
    tried = case((Delivery.state == "uncertain", Delivery.first_tried_at))
    at = case((Delivery.state == "sent", Delivery.sent_at), else_=tried)
    counted, others = _others(cap, mailing)
    query = select(Delivery.contact_id, at).where(
        Delivery.contact_id.in_(contact_ids), (Delivery.message_id + 0).in_(others), counted
    )
    found: dict[int, list[datetime | None]] = {}
    for contact_id, moment in db.session.execute(query):
        found.setdefault(contact_id, []).append(moment)
    return found


def _others(cap: FrequencyCap, mailing: Mailing) -> tuple[ColumnElement[bool], Sequence[int]]:
    """Return the condition of copies that count, and the messages of other mailings."""
    since = clock.now() - timedelta(days=days(cap))
    own = select(MailingMessage.message_id).where(MailingMessage.mailing_id == mailing.id)
    others = db.session.scalars(copies.messages(since).where(Message.id.not_in(own)))
    return _counts(since), others.all()


def _counts(since: datetime) -> ColumnElement[bool]:
    """What was sent, may have arrived, or is to be sent; never what failed, was blocked or was canceled."""
    canceled = select(Message.id).where(Message.kind == "bulk", Message.state == "canceled")
    return or_(
        (Delivery.state == "sent") & (Delivery.sent_at >= since),
        (Delivery.state == "uncertain") & (Delivery.first_tried_at >= since),
        Delivery.state == "in_flight",
        Delivery.state.in_(WAITING) & Delivery.message_id.not_in(canceled),
    )
