"""Meetings, calls, e-mails and notes, and the next step that each leads to."""

from datetime import date

from sqlalchemy import select

from crm.accounts.models import User
from crm.base import clock
from crm.contacts import timeline
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Interaction

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
) -> Interaction:
    """Keep what happened, and what is to be done next; raises Refused."""
    if kind not in KINDS:
        raise Refused("Choose meeting, call, e-mail or note.", "kind")
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
    )
    db.session.add(interaction)
    timeline.record(contact, "interaction", f"{KINDS[kind]}: {_short(summary)}", actor=user.email if user else None)
    return interaction


def complete(interaction: Interaction, user: User | None) -> None:
    """Mark the next step as done; done twice is done once."""
    if interaction.next_step and interaction.next_step_done_at is None:
        interaction.next_step_done_at = clock.now()
        title = f"Done: {interaction.next_step}"
        timeline.record(interaction.contact, "interaction", title, actor=user.email if user else None)


def of(contact_id: int, limit: int = 100) -> list[Interaction]:
    """Return the contact's interactions, newest first."""
    query = select(Interaction).where(Interaction.contact_id == contact_id)
    return list(db.session.scalars(query.order_by(Interaction.held_on.desc(), Interaction.id.desc()).limit(limit)))


def _short(text: str, length: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
