"""Owners of influencers are told when a mailing goes to them, however they came to be among its recipients."""

from sqlalchemy import select

from crm.base.locales import comma
from crm.base.public_pages import public_url
from crm.delivery import letters, merge_fields, suppression
from crm.delivery.models import Delivery
from crm.influencers import access, bulk
from crm.influencers.models import Influencer
from crm.mailings.models import KINDS, Mailing


def affected(mailing: Mailing) -> dict[str, list[str]]:
    """Return the address of each owner of influencers with a copy of the mailing, and the names of the influencers.

    An influencer whose address is blocked gets no copy, and who no longer sees one whom they own is not told.
    """
    copies = select(Delivery.contact_id).where(
        Delivery.message_id.in_(mailing.message_ids),
        # So that the index by contact is used, and not every copy is looked at.
        Delivery.contact_id.in_(select(Influencer.contact_id)),
    )
    found: dict[str, list[str]] = {}
    for one in bulk.among(copies):
        reached = not suppression.blocks(one.contact.email or "", mailing.topic.slug)
        if one.owner and one.owner.active and reached and access.seen(one.owner, [one]):
            found.setdefault(one.owner.email, []).append(one.name)
    return found


def tell(mailing: Mailing, address: str, names: list[str]) -> None:
    """Write to an owner, once for a mailing, that these influencers get it."""
    letters.send(
        "influencer_mailed",
        address,
        locale="en",
        occasion=f"mailing:{mailing.id}",
        merge={
            "names": comma("en").join(names),
            "kind": KINDS[mailing.kind].lower(),
            "subject": merge_fields.plain(mailing.subject) or "(no subject)",
            "mailing_url": public_url(f"/staff/mailings/{mailing.id}"),
        },
    )
