"""The kind of action that is a sign-on letter, and what its pages tell."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.actions import addresses, listing
from crm.actions.kinds import ActionKind
from crm.actions.models import Action
from crm.actions.sign_on import signing
from crm.actions.sign_on.forms import OrganizationForm, SignOnLetterForm
from crm.actions.sign_on.models import SignOn
from crm.base import clock
from crm.base.deeds import DeedKind
from crm.contacts.models import Contact
from crm.extensions import db


def kind() -> ActionKind:
    """Return the kind."""
    return ActionKind(
        label="Sign-on letter of organizations",
        about="Organizations sign a letter by an authorized person; staff accept each, and hand the letter over.",
        order=30,
        form=SignOnLetterForm,
        part="actions/sign_on/public.html",
        outcome="Organizations",
        counts=signing.counts,
        rows=lambda action: url_for("sign_on_staff.index", action_id=action.id),
        deed=signing.DEED,
        visitor_form=lambda _action: OrganizationForm,
        values=values,
        take_back=take_back,
        more="actions/sign_on/list.html",
        after="actions/sign_on/after.html",
    )


def deed() -> DeedKind:
    """Return how a signature for an organization is asked about, and what becomes of it."""
    return DeedKind(
        title=listing.title_of,
        prompt=_l("Please confirm that you sign “%(title)s” for your organization."),
        button=_l("Confirm for my organization"),
        settle=signing.settle,
        page=listing.page_of,
        after=listing.done_of,
        open=listing.is_open,
        late=True,
    )


def values(action: Action) -> dict[str, Any]:
    """Return the organizations under the letter, and whether the soft deadline is past."""
    return {"organizations": signing.accepted(action.id), "late": signing.is_late(action, clock.now())}


def take_back(action: Action, contact: Contact) -> str:
    """Return the path by which whoever signed takes it back."""
    row = signing.standing(action.id, contact.id)
    return addresses.withdraw(signing.DEED, row.id) if row else ""


def withdrawable(number: int) -> Mapping[str, Any] | None:
    """Return what the page needs that takes an organization back."""
    row = db.session.get(SignOn, number)
    if row is None:
        return None
    asked, button = _("Take your organization off the letter?"), _("Take it off the letter")
    return {"action": row.action, "title": asked, "button": button, "withdraw": lambda: signing.withdraw(row)}
