"""A sign-up form as a visitor fills it in: its questions, a box for each member, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import request
from flask_babel import gettext as _
from wtforms import BooleanField

from crm.base import locales
from crm.contacts import arrivals, forms
from crm.contacts.custom_fields import asking, questions
from crm.contacts.custom_fields.asking import Asked
from crm.contacts.member_consent import words
from crm.contacts.models import ConsentWording
from crm.contacts.signup_forms import keeping
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from crm.organizations import members
from crm.organizations.models import Organization

SHARE = "share_"
SEEN = "share_seen_"


@dataclass(frozen=True)
class Box:
    """A box of its own for one member, never ticked beforehand: the words beside it, and its names in the form."""

    member: Organization
    wording: ConsentWording
    name: str
    seen: str


class FilledForm(forms.SignUpForm):
    """What a visitor typed; the questions and boxes of the form stand in a class of their own."""

    boxes: Sequence[Box] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a box that was ticked beside other words than those of today: they must be read and ticked anew."""
        good: bool = super().validate(extra_validators)
        for box in self.boxes:
            if self[box.name].data and request.form.get(box.seen) != str(box.wording.id):
                self[box.name].data = False
                told = _("The words for %(member)s have changed. Please read them again.", member=box.member.name)
                self[box.name].errors, good = [told], False
        return good

    def details(self) -> dict[str, Any]:
        """Return the answers, and the wording that was ticked for each member."""
        ticked = {str(box.member.id): box.wording.id for box in self.boxes if self[box.name].data}
        return {"answers": asking.answers(self), "members": ticked}


def blank(form: SignUpForm) -> arrivals.Arrival:
    """Return the empty form for the present page."""
    return arrivals.form_for(_class(form), terms=_terms(form))


def returned(form: SignUpForm) -> arrivals.Arrival:
    """Return the form that a visitor has sent."""
    return arrivals.returned(_class(form), terms=_terms(form))


def untick(arrival: arrivals.Arrival) -> None:
    """Untick what another site has ticked: each box is ticked by the visitor, beside its words."""
    form = cast(FilledForm, arrival.form)
    for name in ("consent", *(box.name for box in form.boxes)):
        form[name].data = False


def _terms(form: SignUpForm) -> arrivals.Terms:
    return arrivals.Terms(keeping.purpose_of(form.id), tuple(form.topics), form.source, form.credit)


def _class(form: SignUpForm) -> type[FilledForm]:
    known = questions.by_key()
    asked = [Asked(known[one["key"]], one["required"]) for one in form.questions if one["key"] in known]
    boxes = _boxes(form)
    inputs = {box.name: BooleanField(box.member.name) for box in boxes}
    base = cast(type[FilledForm], type("FilledForm", (FilledForm,), {**inputs, "boxes": boxes}))
    return asking.with_fields(base, [one for one in asked if one.field.in_use])


def _boxes(form: SignUpForm) -> list[Box]:
    asking = members.by_name().where(Organization.id.in_(form.members))
    found = db.session.scalars(asking).all() if form.members else []
    shown = words.live(locales.language(), [member.id for member in found])
    return [Box(m, shown[m.id], f"{SHARE}{m.id}", f"{SEEN}{m.id}") for m in found if m.id in shown]
