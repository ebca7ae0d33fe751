"""The mail that thanks for what somebody did, with the link to take it back."""

from crm.actions import addresses
from crm.actions.models import Action
from crm.base import locales
from crm.contacts import links
from crm.contacts.models import Contact
from crm.delivery import letters


def signed(action: Action, contact: Contact, signature_id: int) -> None:
    """Thank for a signature. No word that a visitor typed stands in it."""
    language = contact.language if contact.language in locales.LANGUAGES else "en"
    merge = {
        "title": action.title(language),
        "page_url": links.public(addresses.page(action)),
        "share_url": addresses.shared(contact, action),
        "withdraw_url": links.public(addresses.withdraw("signature", signature_id)),
    }
    letters.send(
        "signed",
        contact.email or "",
        locale=language,
        occasion=f"signature:{signature_id}:{action.id}",
        merge=merge,
        contact_id=contact.id,
    )
