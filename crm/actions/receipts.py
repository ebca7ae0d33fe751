"""The mail that thanks for what somebody did, with the link to take it back."""

from crm.actions import addresses
from crm.actions.models import Action
from crm.base import locales
from crm.base.public_pages import public_url
from crm.contacts.models import Contact
from crm.delivery import letters


def signed(action: Action, contact: Contact, number: int) -> None:
    """Thank for a signature."""
    _send("signed", "signature", action, contact, number)


def signed_for(action: Action, contact: Contact, number: int) -> None:
    """Thank whoever signed for an organization."""
    _send("signed_for", "sign_on", action, contact, number)


def submitted(action: Action, contact: Contact, number: int) -> None:
    """Thank whoever sent a form."""
    _send("submitted", "submission", action, contact, number)


def _send(letter: str, what: str, action: Action, contact: Contact, number: int) -> None:
    """Queue the letter. No word that a visitor typed stands in it."""
    language = locales.known(contact.language)
    merge = {
        "title": action.title(language),
        "page_url": public_url(addresses.page(action)),
        "share_url": addresses.shared(contact, action),
        "withdraw_url": public_url(addresses.withdraw(what, number)),
    }
    letters.send(
        letter,
        contact.email or "",
        locale=language,
        occasion=f"{what}:{number}:{action.id}",
        merge=merge,
        contact_id=contact.id,
    )
