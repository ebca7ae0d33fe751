"""The page that thanks for a sign-up, whichever form it came by: ways to bring others, and what is asked besides."""

from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from crm.base import sharing
from crm.base.registries import questions
from crm.contacts import joining, known, links
from crm.contacts.models import Contact, SignUp
from crm.extensions import db
from crm.organizations import coalition


def values(contact: Contact, token: str) -> dict[str, Any]:
    """Return what the page shows; `token`: of the link that confirmed, "" once nobody is to act by it."""
    share_url = links.share(contact)
    name = coalition.name()
    text = _("I have joined %(name)s. Join me: %(url)s", name=name, url=share_url)
    return {
        "ways": sharing.ways(share_url, text, name),
        "preferences_url": links.preferences(contact.id) if token else "",
        "questions": [(one.template, one.values(contact.id, token)) for one in questions] if token else [],
    }


def token_of(contact: Contact, deed_kind: str, about_id: int) -> str:
    """Return the token of the last sign-up by which the contact confirmed that deed; "" where there is none."""
    mine = (SignUp.contact_id == contact.id, SignUp.deed_kind == deed_kind, SignUp.about_id == about_id)
    query = select(SignUp.id).where(*mine, SignUp.state == "confirmed").order_by(SignUp.id.desc())
    sign_up_id = db.session.scalar(query.limit(1))
    return links.confirm_token(sign_up_id, contact.email or "") if sign_up_id else ""


def address(found: SignUp, token: str, part: str, **asked: str | None) -> str:
    """Return the address of a part of the page that thanks for a sign-up, with these arguments."""
    deed = joining.deed_of(found)
    page = known.after(found.contact_id, deed) if deed else url_for("contacts_public.thanks", token=token)
    told = urlencode({name: value for name, value in asked.items() if value})
    return f"{page}?{told}#{part}"
