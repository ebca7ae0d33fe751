"""Meetings, calls, e-mails and notes, and the next step that each leads to."""

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.contacts import timeline
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.access import OPENNESS
from crm.influencers.models import Interaction
from crm.influencers.snoozes import snoozing

KINDS = {"meeting": "Meeting", "call": "Call", "email": "E-mail", "note": "Note"}


class Refused(ValueError):
    """The interaction cannot stand as given; `field` names what is wrong, the message says what to do."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


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
) -> Interaction:
    """Keep what happened or is planned, and what is to be done next, for the user's organization; raises Refused."""
    if kind not in KINDS:
        raise Refused("Choose meeting, call, e-mail or note.", "kind")
    if openness not in OPENNESS:
        raise Refused("Choose what other members learn of it.", "openness")
    if not summary.strip():
        raise Refused("Say in a sentence what happened.", "summary")
    if next_step_due and not next_step.strip():
        raise Refused("Say what is to be done by that date.", "next_step")
    interaction = Interaction(
        contact=contact,
        kind=kind,
        held_on=held_on,
        summary=summary.strip(),
        next_step=next_step.strip(),
        next_step_due=next_step_due,
        user_id=user.id if user else None,
        organization_id=user.organization_id if user else None,
        openness=openness,
    )
    db.session.add(interaction)
    _tell(interaction, f"{KINDS[kind]}: {_short(summary)}", user)
    db.session.flush()
    snoozing.wake(interaction, clock.today(user.zone if user else "UTC"), user)
    return interaction


def complete(interaction: Interaction, user: User | None) -> None:
    """Mark the next step as done; done twice is done once."""
    if interaction.next_step and interaction.next_step_done_at is None:
        interaction.next_step_done_at = clock.now()
        _tell(interaction, f"Done: {interaction.next_step}", user)


def of(
    contact_id: int, user: User | None = None, limit: int = 100, besides: ColumnElement[bool] | None = None
) -> list[Interaction]:
    """Return the contact's interactions that the user may know of, newest first; see `access` for what of them.

    Those that meet the condition `besides` come with them, whether the user may know of them or not.
    """
    of_contact, order = Interaction.contact_id == contact_id, (Interaction.held_on.desc(), Interaction.id.desc())
    newest = select(Interaction.id).where(of_contact, access.interactions(user)).order_by(*order).limit(limit)
    wanted = Interaction.id.in_(newest) if besides is None else or_(Interaction.id.in_(newest), besides)
    query = select(Interaction).where(of_contact, wanted).order_by(*order)
    query = query.options(joinedload(Interaction.user), joinedload(Interaction.organization))
    return list(db.session.scalars(query))


def _tell(interaction: Interaction, title: str, user: User | None) -> None:
    timeline.record(
        interaction.contact,
        "interaction",
        title,
        actor=user.email if user else None,
        private=True,
        organization_id=interaction.organization_id,
    )


def _short(text: str, length: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
