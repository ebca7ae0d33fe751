"""What the pages of who knows whom are made of."""

from typing import Any

from flask import abort, url_for
from flask_login import current_user
from sqlalchemy import select

from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer
from crm.influencers.network import acquaintances, asking, ways
from crm.influencers.network.forms import KnowForm


def of(contact: Contact, form: KnowForm | None = None, influencer: Influencer | None = None) -> dict[str, Any]:
    """Return what a page needs to tell who knows the contact, the best ways there, and to enter more.

    `influencer`: the contact's profile, where that is at hand.
    """
    found = influencer or _influencer(contact.id)
    best, known = ways.with_acquaintances(contact, current_user)
    return {
        "person": contact,
        "profile_url": _profile(found),
        "ways": best,
        "acquaintances": known,
        "acquaintance_kinds": acquaintances.KINDS,
        "most_acquaintances": acquaintances.SHOWN,
        "strengths": acquaintances.STRENGTHS,
        "asking": _asking(found),
        "know_form": form or KnowForm(formdata=None, prefix="know"),
    }


def contact(contact_id: int) -> Contact:
    """Return the contact, or answer that there is no such page."""
    return db.session.get(Contact, contact_id) or abort(404)


def home(contact_id: int) -> str:
    """Return the page that tells of the contact's acquaintances: the influencer's, where there is one to be seen."""
    return _profile(_influencer(contact_id)) or url_for("network_staff.show", contact_id=contact_id)


def _profile(found: Influencer | None) -> str:
    return url_for("influencers_staff.show", influencer_id=found.id, _anchor="known") if found else ""


def _asking(found: Influencer | None) -> dict[str, Any] | None:
    """Return whether new supporters are asked about the influencer; None where they are asked about nobody."""
    if found is None or not asking.is_on():
        return None
    may = asking.may_name(found, current_user)
    return {"influencer_id": found.id, "named": asking.is_named(found), "may": may}


def _influencer(contact_id: int) -> Influencer | None:
    query = select(Influencer).where(Influencer.contact_id == contact_id, access.influencers(current_user))
    return db.session.scalar(query)
