"""What becomes of a sign-up by a form once the address is proven: answers, members, and the welcome mail."""

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from crm.base.deeds import DeedKind, Done, deeds
from crm.contacts import timeline
from crm.contacts.custom_fields import answers
from crm.contacts.member_consent import agreeing, receipts, words
from crm.contacts.models import ConsentWording, Contact
from crm.contacts.signup_forms import welcoming
from crm.contacts.signup_forms.keeping import DEED
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from crm.organizations.models import Organization


def register() -> None:
    """Let a sign-up carry a form."""
    deeds.add(
        DEED,
        DeedKind(
            title=_title,
            prompt=_l("Please confirm that you signed up under “%(title)s”."),
            button=_l("Yes, confirm my address"),
            settle=settle,
            page=lambda form_id: url_for("signup_forms_public.show", slug=_slug(form_id)),
            after=lambda form_id, token: url_for("signup_forms_public.done", slug=_slug(form_id), token=token),
            greets=lambda form_id, language: welcoming.has_own(db.session.get(SignUpForm, form_id), language),
        ),
    )


def settle(done: Done) -> None:
    """Keep the answers, write down each consent for a member, and write to the new supporter."""
    form = db.session.get(SignUpForm, done.deed.about_id)
    contact = db.session.get_one(Contact, done.contact_id)
    details = done.deed.details
    answers.keep(contact.id, details.get("answers", {}))
    if form is not None:
        timeline.record(contact, "sign_up", f"Signed up by the form “{form.name}”", at=done.at, actor="visitor")
        _share(contact, form, done)
        welcoming.greet(form, contact, done)


def _share(contact: Contact, form: SignUpForm, done: Done) -> None:
    ticked = {int(number): wording_id for number, wording_id in done.deed.details.get("members", {}).items()}
    asked = select(Organization).where(Organization.id.in_(ticked), Organization.is_member)
    texts = select(ConsentWording).where(ConsentWording.id.in_(ticked.values()))
    read = {text.purpose: text for text in db.session.scalars(texts)}
    members = db.session.scalars(asked.order_by(Organization.id))
    pairs = [(member, read.get(words.purpose_of(member.id))) for member in members]
    agreed = [(m, text) for m, text in pairs if text is not None and text.id == ticked[m.id]]
    evidence = {"form": form.name, "asked": done.at.isoformat()}
    place = url_for("signup_forms_public.show", slug=form.slug)
    shares = agreeing.agree(contact, agreed, method="double_opt_in", place=place, evidence=evidence)
    if shares:
        receipts.send(contact, shares, done.language)


def _title(form_id: int, language: str) -> str:
    form = db.session.get(SignUpForm, form_id)
    return form.title(language) if form else ""


def _slug(form_id: int) -> str:
    form = db.session.get(SignUpForm, form_id)
    return form.slug if form else ""
