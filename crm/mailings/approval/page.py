"""What the review page shows of approval, and of the size that has to be confirmed."""

from typing import Any

from flask_login import current_user
from sqlalchemy import select

from crm.base import wall_clock
from crm.contacts import segments
from crm.contacts.models import Segment
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.approval import approving, gate, people, rules
from crm.mailings.approval.forms import NoteForm
from crm.mailings.choosing import wanted
from crm.mailings.forms import GoOnForm
from crm.mailings.models import Mailing

NOTE = "approval-"  # Several forms stand on the page, and each field needs an id of its own.


def values(mailing: Mailing, recipients: int, note: NoteForm | None = None) -> dict[str, Any]:
    """Return the values of the templates; `note` is the form that has to be shown again, if any."""
    asked = rules.current()
    return {
        "approval": approving.standing(mailing),
        "approval_lines": approving.history(mailing),
        "approval_events": approving.EVENTS,
        "needs_approval": gate.needs_approval(mailing, recipients),
        "approvers": people.approvers(mailing),
        "may_approve": people.may_approve(current_user, mailing),
        "note_form": note or NoteForm(formdata=None, prefix=NOTE, data={"version": mailing.version}),
        "confirm": rules.exceeds(recipients, asked.confirm_over),
        "minutes_to_take_back": asked.minutes,
    }


def of_edited(mailing: Mailing) -> dict[str, Any]:
    """Return what is shown of a paused mailing of which a segment was edited since it began; {} for all others."""
    if mailing.state != "paused" or not gate.is_another(mailing):
        return {}
    found = db.session.scalars(select(Segment).where(Segment.id.in_(wanted.of(mailing).named_segments)))
    reach = audience.reach(mailing)
    known = {"audience_digest": approving.digest(mailing), "shown": str(reach.recipients)}
    return {
        "go_on_form": GoOnForm(formdata=None, data=known),
        "reach": reach,
        "segments": [(f"Segment {one.name}", segments.describe(one.definition)) for one in found],
        "confirm": rules.exceeds(reach.recipients, rules.current().confirm_over),
    }


def approved_by(mailing: Mailing) -> list[tuple[str, str]]:
    """Return, as a fact for the page of a mailing, whose word let it go; nothing where none was needed."""
    last = next((line for line in approving.history(mailing) if line.event in approving.LETS_GO), None)
    if last is None:
        return []
    return [(f"{last.event.capitalize()} by", f"{last.who}, {wall_clock.tell(last.at, mailing.zone)}")]
