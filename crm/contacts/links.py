"""The signed links in mail, and the pages that they open; all begin with PUBLIC_URL."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from crm.base import signing
from crm.base.public_pages import public_url
from crm.contacts.models import Contact
from crm.contacts.sources import Trail


def confirm(sign_up_id: int) -> str:
    """Return the link that confirms a sign-up; it lives 7 days."""
    return public_url(f"/confirm/{signing.sign('confirm', str(sign_up_id), dated=True)}")


def preferences(contact_id: int) -> str:
    """Return the link to somebody's preferences; it lives for good."""
    return public_url(f"/preferences/{preferences_token(contact_id)}")


def preferences_token(contact_id: int) -> str:
    """Return what opens somebody's preferences."""
    return signing.sign("preferences", str(contact_id))


def share(contact: Contact) -> str:
    """Return the link that credits this supporter with whoever follows it."""
    return public_url("/", via=contact.share_code)


def passed_on(path: str, trail: Trail, *, medium: str = "", campaign: str = "", lang: str = "") -> str:
    """Return the address of a page for a visitor to pass on: as shared, to the credit of whom the visitor came by."""
    told = {"lang": lang, "via": trail.via, "utm_source": "share", "utm_medium": medium, "utm_campaign": campaign}
    return public_url(path, **{name: value for name, value in told.items() if value})


def with_credit(url: str, credit: Mapping[str, str]) -> str:
    """Return an address with the arguments of a credit where it is one of ours; what it says itself stays as it is."""
    own = public_url("")
    if url != own and not url.startswith((f"{own}/", f"{own}?")):
        return url
    parts = urlsplit(url)
    named = {part.partition("=")[0] for part in parts.query.split("&")}
    more = urlencode({name: value for name, value in credit.items() if name not in named})
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))
