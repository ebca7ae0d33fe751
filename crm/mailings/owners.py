"""Owners of influencers are told when a mailing goes to them, however they came to be among its recipients."""

from itertools import groupby

from flask import current_app
from sqlalchemy import select

from crm.base.locales import comma
from crm.delivery import letters, merge_fields, suppression
from crm.delivery.models import Delivery
from crm.influencers import bulk
from crm.influencers.models import Influencer
from crm.mailings.models import KINDS, Mailing


def tell(mailing: Mailing) -> int:
    """Write one letter to each owner of influencers with a copy of the mailing; return the number of letters."""
    told = 0
    owned = sorted((one for one in reached(mailing) if one.owner_id), key=lambda one: one.owner_id or 0)
    for owner, theirs in groupby(owned, key=lambda one: one.owner):
        if owner and owner.active:
            _write(mailing, owner.email, [one.name for one in theirs])
            told += 1
    return told


def reached(mailing: Mailing) -> list[Influencer]:
    """Return the influencers who have a copy of the mailing in the ledger, and whose address is not blocked."""
    copies = select(Delivery.contact_id).where(
        Delivery.message_id == mailing.message_id,
        # So that the index by contact is used, and not every copy is looked at.
        Delivery.contact_id.in_(select(Influencer.contact_id)),
    )
    list_id = mailing.topic.slug
    return [one for one in bulk.among(copies) if not suppression.blocks(one.contact.email or "", list_id)]


def _write(mailing: Mailing, address: str, names: list[str]) -> None:
    letters.send(
        "influencer_mailed",
        address,
        locale="en",
        occasion=f"mailing:{mailing.id}",
        merge={
            "names": comma("en").join(names),
            "kind": KINDS[mailing.kind].lower(),
            "subject": merge_fields.fill(mailing.subject, {}) or "(no subject)",
            "mailing_url": f"{current_app.config['PUBLIC_URL']}/staff/mailings/{mailing.id}",
        },
    )
