"""The public addresses of actions, and the signed ones in mail."""

from urllib.parse import urlencode

from crm.actions.models import Action
from crm.base import signing
from crm.base.public_pages import public_url
from crm.contacts import links
from crm.contacts.models import Contact
from crm.contacts.sources import Trail

WITHDRAW = "withdraw"


def page(action: Action) -> str:
    """Return the path of its public page."""
    return f"/actions/{action.slug}"


def shared(contact: Contact, action: Action) -> str:
    """Return the address of its page that credits this contact with whoever follows it."""
    return public_url(f"{page(action)}?{urlencode({'via': contact.share_code})}")


def passed_on(action: Action, trail: Trail) -> str:
    """Return the address of its page for a visitor to pass on, with the credit of whoever brought the visitor."""
    return links.passed_on(page(action), trail, campaign=action.slug)


def withdraw(what: str, number: int) -> str:
    """Return the path by which something (signature, submission …) of that number is taken back; it lives for good."""
    return f"/actions/withdraw/{signing.sign(WITHDRAW, f'{what}:{number}')}"


def withdrawn(token: str) -> tuple[str, int]:
    """Return what such a path names; raises InvalidToken."""
    what, _, number = signing.read(WITHDRAW, token).partition(":")
    return what, int(number)
