"""The petition: its form of the staff, its form for visitors, and what confirms a signature."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.actions import addresses, listing, signatures
from crm.actions.forms import ActionForm
from crm.actions.kinds import ActionKind
from crm.actions.models import Action
from crm.actions.naming import NamedForm
from crm.base.deeds import DeedKind
from crm.base.words import one_line
from crm.contacts.forms import too_long
from crm.contacts.models import Contact

LONGEST_COMMENT = 1000  # characters
NEWEST = 5  # names on the page itself


class PetitionForm(ActionForm):
    """What staff say of a petition besides."""

    list_shown = BooleanField("List in public the names of those who choose so")
    comments_shown = BooleanField("Let signers say why they sign")


class SignatureForm(NamedForm):
    """A signature: who signs, what of the name is shown, and why."""

    city = StringField(_l("City"), [Optional(), too_long(80)], filters=[one_line])
    shown = RadioField(
        _l("What the public list shows of you"),
        choices=[
            SelectChoice(signatures.NONE, _l("Nothing; my signature only counts")),
            SelectChoice(signatures.INITIAL, _l("My first name and the first letter of my last name")),
            SelectChoice(signatures.FULL, _l("My full name")),
        ],
        default=signatures.NONE,
    )
    comment = TextAreaField(_l("Why do you sign?"), [Optional(), too_long(LONGEST_COMMENT)])

    def details(self) -> dict[str, Any]:
        """Return what was typed for the signature."""
        return {name: self[name].data or "" for name in ("first_name", "last_name", "city", "shown", "comment")}


def kind() -> ActionKind:
    """Return the kind of action that is a petition."""
    return ActionKind(
        label="Petition",
        about="People sign a text; each address counts once, when it is proven.",
        order=10,
        form=PetitionForm,
        part="actions/public/petition.html",
        outcome="Signatures",
        counts=signatures.counts,
        rows=lambda action: url_for("signatures_staff.index", action_id=action.id),
        deed=signatures.DEED,
        visitor_form=lambda _action: SignatureForm,
        values=values,
        take_back=take_back,
        more="actions/public/_list.html",
    )


def deed() -> DeedKind:
    """Return how a signature is asked about, and what becomes of it."""
    return DeedKind(
        title=listing.title_of,
        prompt=_l("Please confirm your signature under “%(title)s”."),
        button=_l("Confirm my signature"),
        settle=signatures.settle,
        page=listing.page_of,
        after=listing.done_of,
        open=listing.is_open,
        late=True,
    )


def values(action: Action) -> dict[str, Any]:
    """Return the newest names of the public list, where there is one."""
    newest = signatures.newest(action, NEWEST) if action.list_shown else []
    return {"newest": newest, "listed": bool(newest)}


def take_back(action: Action, contact: Contact) -> str:
    """Return the path by which a contact takes the signature back."""
    number = signatures.standing(action.id, contact.id)
    return addresses.withdraw(signatures.DEED, number) if number else ""
