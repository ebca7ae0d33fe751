"""Handing a letter over: told as an interaction with the influencer whom its ask is made to."""

from datetime import date, timedelta

from sqlalchemy import select

from crm.accounts.models import User
from crm.actions import offers
from crm.actions.models import Action
from crm.actions.sign_on import signing
from crm.actions.sign_on.models import LetterDelivery
from crm.base import audit
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import interactions
from crm.organizations import coalition

NO_ASK = "Choose under “Edit” the ask that the letter stands behind: its influencer is whom it was handed to."


def deliver(action: Action, on: date, way: str, note: str, user: User, *, late: bool = False) -> LetterDelivery:
    """Keep that the letter was handed over, and return that; raises Refused.

    With whom it was: who had signed by the end of that day; who did so after the soft deadline, only where `late`.
    """
    ask = offers.seen_ask(action, user)
    if ask is None:
        raise Refused(NO_ASK, "")
    signed_before = coalition.midnight(on + timedelta(days=1))
    by_then = [row for row in signing.accepted(action.id) if row.at < signed_before]
    signers = [row for row in by_then if late or not signing.is_late(action, row.at)]
    names = [row.name for row in signers]
    if not names:
        raise Refused(
            "No organization stood under the letter by that day. Accept some first, or choose a later day.", ""
        )
    summary = f"Delivered the letter “{action.title()}”, signed by {len(names)} organizations: {', '.join(names)}."
    held = interactions.log(ask.influencer.contact, way, on, f"{summary}\n\n{note}".strip(), user)
    row = LetterDelivery(action_id=action.id, interaction=held, delivered_on=on, organizations=len(names))
    row.user_id = user.id
    db.session.add(row)
    db.session.flush()
    audit.record("deliver", "action", action.id, organizations=[None, len(names)])
    return row


def of(action: Action) -> list[LetterDelivery]:
    """Return the deliveries of a letter, the last one first."""
    query = select(LetterDelivery).where(LetterDelivery.action_id == action.id)
    return list(db.session.scalars(query.order_by(LetterDelivery.delivered_on.desc(), LetterDelivery.id.desc())))
