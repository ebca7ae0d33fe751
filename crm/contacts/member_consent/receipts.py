"""The mail that tells who may have the address from now on, by which words, and how to take it back."""

from collections.abc import Sequence

from crm.contacts import links
from crm.contacts.member_consent.agreeing import Share
from crm.contacts.models import Contact
from crm.delivery import letters


def send(contact: Contact, shares: Sequence[Share], language: str) -> None:
    """Write to the contact; nothing in it was typed by a visitor."""
    merge = {"preferences_url": links.preferences(contact.id)}
    for number, share in enumerate(shares):
        merge[f"member_{number}"] = share.member.name
        merge[f"words_{number}"] = share.record.wording.text if share.record.wording else ""
    occasion = f"share:{shares[-1].record.id}"
    shape = {"shares": len(shares)}
    letters.send(
        "share_receipt",
        contact.email or "",
        locale=language,
        occasion=occasion,
        merge=merge,
        contact_id=contact.id,
        shape=shape,
    )
