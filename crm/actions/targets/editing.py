"""Changing what is known of a target, and taking it off the list."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crm.accounts.models import User
from crm.actions.letters import pacing
from crm.actions.targets import channels, recipients
from crm.actions.targets.models import Target
from crm.base import changes
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask


def save(target: Target, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the values; letters that wait follow the ask and the address. Raises Refused, Collision."""
    changes.claim(target, pacing.THING, opened_on)
    if "email" in values and not (values["email"] or values["web_form"] or values["phone"]):
        raise Refused("Give an e-mail address, a web form or a telephone number.", "email")
    address = _address(target, values)
    moved = address != _address(target, {})
    if values["ask_id"] != target.ask_id:
        pacing.link(target, values["ask_id"])
    changes.keep(target, pacing.THING, dict(values))
    if moved:
        pacing.readdress(target, address)


def asks(target: Target, user: User) -> list[tuple[int | str, str]]:
    """Return the asks that a target may stand for: those to that influencer, or else all that the user sees."""
    query = select(Ask).where(access.asks(user)).order_by(Ask.updated_at.desc(), Ask.id.desc()).limit(500)
    if target.influencer_id:
        query = query.where(Ask.influencer_id == target.influencer_id)
    found = [
        (one.id, one.title if target.influencer_id else f"{one.influencer.name}: {one.title}")
        for one in db.session.scalars(query)
    ]
    if target.ask_id and target.ask_id not in {number for number, _ in found}:
        found.append((target.ask_id, "An ask that others keep to themselves"))
    return list(found)


def _address(target: Target, values: Mapping[str, Any]) -> str:
    if target.influencer is not None:
        use = bool(values.get("use_email", target.use_email))
        return channels.of_influencer(target.influencer, use_email=use).get(channels.EMAIL, "")
    return str(values.get("email", recipients.of_target(target, channels.LETTER).channels.get(channels.EMAIL, "")))
