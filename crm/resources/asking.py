"""The deed of asking for a resource: what it is called, and what becomes of it once the address is proven."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Optional

from crm.base import locales
from crm.base.deeds import DeedKind, Done, deeds
from crm.base.public_pages import public_url
from crm.base.words import one_line
from crm.contacts import known
from crm.contacts.forms import VisitorForm, too_long
from crm.contacts.models import Contact
from crm.delivery import letters
from crm.extensions import db
from crm.resources import downloads, filing
from crm.resources.models import Resource

KIND = "download"
LETTER = "resource_given"


class DownloadForm(VisitorForm):
    """Who wants a resource; where they work is for the coalition to know whom it reaches."""

    organization_name = StringField(_l("Organization"), [Optional(), too_long(200)], filters=[one_line])


def register() -> None:
    """Let visitors ask for resources."""
    kind = DeedKind(
        title=title,
        prompt=_l("Please confirm that you want “%(title)s”."),
        button=_l("Get it"),
        settle=settle,
        page=page,
        by_link=20,  # It brings no mail, and each language has a button of its own.
        after=lambda resource_id, told: f"{page(resource_id)}/get/{told}",
    )
    deeds.add(KIND, kind)


def title(resource_id: int, language: str) -> str:
    """Return the title in that language, or another; "" for what is not published."""
    resource = db.session.get(Resource, resource_id)
    if resource is None or resource.state != "published":
        return ""
    return locales.said(resource.titles, language).text or resource.name


def page(resource_id: int) -> str:
    """Return the path of the public page."""
    resource = db.session.get(Resource, resource_id)
    return f"/resources/{resource.slug}" if resource else "/resources/"


def settle(done: Done) -> None:
    """Count it, and write to the address where the resource is for the next 7 days."""
    resource, contact = db.session.get(Resource, done.deed.about_id), db.session.get(Contact, done.contact_id)
    if resource is None or contact is None or resource.state != "published":
        return
    how = downloads.KNOWN if done.deed.details.get("how") == downloads.KNOWN else downloads.CONFIRMED
    file = filing.of_language(resource, done.language)
    counted = downloads.by_contact(resource, contact, how, language=done.language, source_id=done.source_id, file=file)
    if counted and how == downloads.CONFIRMED and contact.email:
        letters.send(
            LETTER,
            contact.email,
            locale=done.language,
            occasion=f"resource:{resource.id}:{done.at:%Y%m%d}",
            merge={
                "title": title(resource.id, done.language),
                "link": public_url(known.after(contact.id, done.deed)),
            },
            contact_id=contact.id,
        )
