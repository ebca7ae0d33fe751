"""The kind of action that is a form, and what its pages tell."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.actions import addresses, listing
from crm.actions.kinds import ActionKind
from crm.actions.models import Action
from crm.actions.submissions import forms, sending, stories
from crm.actions.submissions.models import Submission
from crm.base.deeds import DeedKind
from crm.contacts.models import Contact
from crm.extensions import db


def kind() -> ActionKind:
    """Return the kind."""
    return ActionKind(
        label="Form",
        about="People tell their story, ask for something, or answer questions that you choose.",
        order=50,
        form=forms.FormActionForm,
        part="actions/submissions/public.html",
        outcome="Forms sent",
        counts=sending.counts,
        rows=lambda action: url_for("submissions_staff.index", action_id=action.id),
        deed=sending.DEED,
        visitor_form=forms.of,
        values=lambda action: {"stories": stories.of(action)},
        take_back=take_back,
        more="actions/submissions/stories.html",
        staff_pages=staff_pages,
    )


def staff_pages(action: Action) -> list[tuple[str, str]]:
    """Return the page of answers in numbers, where the form asks something."""
    numbers = url_for("submissions_staff.numbers", action_id=action.id)
    return [("Answers in numbers", numbers)] if action.questions else []


def deed() -> DeedKind:
    """Return how a form is asked about, and what becomes of it."""
    return DeedKind(
        title=listing.title_of,
        prompt=_l("Please confirm that you sent “%(title)s”."),
        button=_l("Confirm what I sent"),
        settle=sending.settle,
        page=listing.page_of,
        after=listing.done_of,
        open=listing.is_open,
        late=True,
    )


def take_back(action: Action, contact: Contact) -> str:
    """Return the path by which whoever sent it takes it back."""
    row = sending.standing(action.id, contact.id)
    return addresses.withdraw(sending.DEED, row.id) if row else ""


def withdrawable(number: int) -> Mapping[str, Any] | None:
    """Return what the page needs that takes back what was sent."""
    row = db.session.get(Submission, number)
    if row is None:
        return None
    asked, button = _("Take back what you sent?"), _("Take it back, and delete it")
    return {"action": row.action, "title": asked, "button": button, "withdraw": lambda: sending.withdraw(row)}
