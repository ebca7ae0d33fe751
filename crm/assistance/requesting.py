"""The deed of asking for assistance: what becomes of it once the address is proven."""

from datetime import timedelta

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional

from crm.assistance.models import AssistanceRequest
from crm.base.database import insert_into
from crm.base.deeds import DeedKind, Done, deeds
from crm.base.locales import REGIONS
from crm.base.words import one_line
from crm.contacts import timeline
from crm.contacts.forms import VisitorForm, too_long
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations import coalition

KIND = "request"
ABOUT = 1
"""There is one page for all requests, so what a request is about has no row of its own."""
ANSWERED_WITHIN = timedelta(days=7)
SUBJECTS = {
    "licensing": _l("Licensing and recognition of diplomas"),
    "programs": _l("Setting up or improving a program"),
    "hiring": _l("Hiring people with foreign credentials"),
    "policy": _l("Rules, laws and how to change them"),
    "data": _l("Figures and research"),
    "other": _l("Something else"),
}


class RequestForm(VisitorForm):
    """Who asks for assistance, for whom, and with what."""

    organization_name = StringField(_l("Organization"), [Optional(), too_long(200)], filters=[one_line])
    subject = SelectField(_l("What it is about"), choices=[SelectChoice(*one) for one in SUBJECTS.items()])
    text = TextAreaField(
        _l("What you need"), [DataRequired(_l("Say in a few sentences what you need.")), too_long(4000)]
    )

    def details(self) -> dict[str, str]:
        """Return what was asked, as JSON values."""
        organization = self.organization_name.data or ""
        return {"subject": self.subject.data, "text": self.text.data.strip(), "organization": organization}


def register() -> None:
    """Let visitors ask for assistance."""
    kind = DeedKind(
        title=title,
        prompt=_l("Please confirm that you ask for this: %(title)s."),
        button=_l("Yes, send my request"),
        settle=settle,
        page=lambda _about: "/assistance",
        after=lambda _about, told: f"/assistance/done/{told}",
    )
    deeds.add(KIND, kind)


def title(_about_id: int, language: str) -> str:
    """Return the words for it in that language."""
    with force_locale(REGIONS.get(language, language)):
        return str(gettext("Technical assistance"))


def settle(done: Done) -> None:
    """Write the request down, once."""
    told = done.deed.details
    subject = told.get("subject", "")
    values = {"contact_id": done.contact_id, "asked_at": done.at, "language": done.language, "state": "open"}
    values |= {"subject": subject if subject in SUBJECTS else "other", "text": told.get("text", "")}
    values |= {"organization_name": told.get("organization", ""), "outcome": "", "version": 1}
    values |= {"due_on": coalition.today() + ANSWERED_WITHIN}
    made = insert_into(AssistanceRequest).values(**values).on_conflict_do_nothing()
    if db.session.execute(made.returning(AssistanceRequest.id)).first() is None:
        return
    contact = db.session.get_one(Contact, done.contact_id)
    timeline.record(contact, "request", "Asked for technical assistance", at=done.at, actor="visitor")
