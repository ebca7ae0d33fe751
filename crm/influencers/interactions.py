"""Meetings, calls, e-mails, events and notes, and the next step that each leads to."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Refused
from crm.base.words import shortened
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.access import OPENNESS
from crm.influencers.models import Interaction
from crm.influencers.participants import people, taking_part, telling
from crm.influencers.snoozes import snoozing

KINDS = {"meeting": "Meeting", "call": "Call", "email": "E-mail", "event": "Event", "note": "Note"}


def log(
    contact: Contact,
    kind: str,
    held_on: date,
    summary: str,
    user: User | None,
    *,
    next_step: str = "",
    next_step_due: date | None = None,
    openness: str = "open",
    begins_at: time | None = None,
    zone: str = "",
    place: str = "",
    participants: str = "",
) -> Interaction:
    """Keep what happened or is planned, and what is to be done next, for the user's organization; raises Refused.

    participants: who else takes part, as people.find reads it.
    """
    values = {
        "kind": kind,
        "held_on": held_on,
        "summary": summary.strip(),
        "next_step": next_step.strip(),
        "next_step_due": next_step_due,
        "openness": openness,
        "begins_at": begins_at,
        "zone": zone if begins_at else "",
        "place": place.strip(),
    }
    check(values)
    others = people.find(participants, user)
    whose = {"user_id": user.id, "organization_id": user.organization_id} if user else {}
    interaction = Interaction(contact=contact, version=1, **values, **whose)
    db.session.add(interaction)
    taking_part.settle(interaction, others)
    telling.tell(interaction, title(interaction), user)
    snoozing.wake(interaction, clock.today(user.zone if user else "UTC"), user)
    return interaction


def check(values: Mapping[str, Any]) -> None:
    """Raise Refused where these values of an interaction cannot stand."""
    if values["kind"] not in KINDS:
        raise Refused("Choose meeting, call, e-mail, event or note.", "kind")
    if values["openness"] not in OPENNESS:
        raise Refused("Choose what other members learn of it.", "openness")
    if not values["summary"]:
        raise Refused("Say in a sentence what happened.", "summary")
    if values["next_step_due"] and not values["next_step"]:
        raise Refused("Say what is to be done by that date.", "next_step")


def title(interaction: Interaction) -> str:
    """Return what timelines say of it."""
    return f"{KINDS[interaction.kind]}: {shortened(interaction.summary, 120)}"


def complete(interaction: Interaction, user: User | None) -> None:
    """Mark the next step as done; done twice is done once."""
    if interaction.next_step and interaction.next_step_done_at is None:
        interaction.next_step_done_at = clock.now()
        telling.tell(interaction, f"Done: {interaction.next_step}", user, step=True)


def of(
    contact_id: int, user: User | None = None, limit: int = 100, besides: ColumnElement[bool] | None = None
) -> list[Interaction]:
    """Return the interactions in which the contact takes part, and of which the user may know, newest first.

    What of them, `access` says.
    Those that meet the condition `besides` come with them, whether the user may know of them or not.
    """
    of_contact, order = taking_part.with_contact(contact_id), (Interaction.held_on.desc(), Interaction.id.desc())
    newest = select(Interaction.id).where(of_contact, access.interactions(user)).order_by(*order).limit(limit)
    wanted = Interaction.id.in_(newest) if besides is None else or_(Interaction.id.in_(newest), besides)
    query = select(Interaction).where(of_contact, wanted).order_by(*order)
    loaded = (Interaction.user, Interaction.next_step_user, Interaction.organization)
    query = query.options(*(joinedload(each) for each in loaded))
    return list(db.session.scalars(query))
