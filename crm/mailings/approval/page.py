"""What the review page shows of approval, and of the size that has to be confirmed."""

from typing import Any

from flask_login import current_user

from crm.base import wall_clock
from crm.mailings.approval import approving, gate, people, rules
from crm.mailings.approval.forms import NoteForm
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


def approved_by(mailing: Mailing) -> list[tuple[str, str]]:
    """Return, as a fact for the page of a mailing, whose word let it go; nothing where none was needed."""
    last = next((line for line in approving.history(mailing) if line.event in approving.LETS_GO), None)
    if last is None:
        return []
    return [(f"{last.event.capitalize()} by", f"{last.who}, {wall_clock.tell(last.at, mailing.zone)}")]
