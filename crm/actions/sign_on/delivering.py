"""Handing a letter over: told as an interaction with the influencer whom its ask is made to, and kept as it was."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for
from sqlalchemy import select

from crm.accounts.models import User
from crm.actions import offers
from crm.actions.models import Action
from crm.actions.sign_on import heads, sheets, signing
from crm.actions.sign_on.models import DeliveredSigner, LetterDelivery, SignOn
from crm.base import audit
from crm.base.changes import Refused
from crm.base.public_pages import public_url
from crm.extensions import db
from crm.influencers import interactions
from crm.organizations import coalition

NO_ASK = "Choose under “Edit” the ask that the letter stands behind: its influencer is whom it was handed to."


def deliver(
    action: Action, on: date, way: str, note: str, user: User, *, language: str = "en", late: bool = False
) -> LetterDelivery:
    """Keep that the letter was handed over, in which language and with which text and signers; raises Refused.

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
    row = _as_it_is(action, on, signers, language)
    row.user_id = user.id
    db.session.add(row)
    db.session.flush()
    summary = f"Delivered the letter “{action.title()}”, signed by {len(names)} organizations: {', '.join(names)}."
    told = f"{summary}\nAs it was handed over: {public_url(address(row))}\n\n{note}"
    row.interaction = interactions.log(ask.influencer.contact, way, on, told.strip(), user)
    db.session.flush()
    audit.record("deliver", "action", action.id, organizations=[None, len(names)])
    return row


def of(action: Action) -> list[LetterDelivery]:
    """Return the deliveries of a letter, the last one first."""
    query = select(LetterDelivery).where(LetterDelivery.action_id == action.id)
    return list(db.session.scalars(query.order_by(LetterDelivery.delivered_on.desc(), LetterDelivery.id.desc())))


def address(row: LetterDelivery) -> str:
    """Return the path of the letter as it was handed over."""
    return url_for("sign_on_staff.delivered", action_id=row.action_id, delivery_id=row.id)


def _as_it_is(action: Action, on: date, signed: Sequence[SignOn], language: str) -> LetterDelivery:
    sheet = sheets.now(action, language, signed=False)
    row = LetterDelivery(action_id=action.id, delivered_on=on, organizations=len(signed), language=sheet.language)
    row.title, row.title_language = sheet.title
    row.addressee, row.addressee_language = sheet.addressee
    row.body = sheet.body
    heads.keep(sheet.head, row)
    row.signers = [_signer(position, one) for position, one in enumerate(signed)]
    return row


def _signer(position: int, one: SignOn) -> DeliveredSigner:
    row = DeliveredSigner(position=position, name=one.name, signer=one.signer, signer_title=one.signer_title)
    row.logo_digest, row.contact_id = one.logo_digest, one.contact_id
    return row
