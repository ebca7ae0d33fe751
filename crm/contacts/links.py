"""The signed links in mail, and the pages that they open; all begin with PUBLIC_URL."""

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from markupsafe import Markup

from crm.base import signing
from crm.base.public_pages import public_url
from crm.contacts.models import Contact
from crm.contacts.sources import Trail
from crm.delivery import suppression

HREF = re.compile(r'(?<= href=")[^"]*(?=")')  # as nh3 and our own templates write it


def confirm(sign_up_id: int, address: str) -> str:
    """Return the link that confirms a sign-up and proves the address that it is sent to; it lives 7 days."""
    return public_url(f"/confirm/{confirm_token(sign_up_id, address)}")


def confirm_token(sign_up_id: int, address: str) -> str:
    """Return what confirms a sign-up from that address."""
    return signing.sign("confirm", f"{sign_up_id}:{address_mark(address)}", dated=True)


def address_mark(address: str) -> str:
    """Return by what a link tells the address that it was sent to, without saying it."""
    return suppression.address_hash(address)[:16]


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
    return _with(url, credit) if url == own or url.startswith((f"{own}/", f"{own}?")) else url


def onward(path: str, trail: Trail) -> str:
    """Return the path of a page of ours with what credits whom the visitor came by, for what is done from there."""
    return _with(path, trail.arguments())


def carrying(text: Markup, trail: Trail) -> Markup:
    """Return safe HTML whose links to pages of ours carry what credits whom the visitor came by, as menus do."""

    def carried(found: re.Match[str]) -> str:
        url = html.unescape(found[0])
        is_path = url.startswith("/") and not url.startswith("//")
        return html.escape(_with(url, credit) if is_path else with_credit(url, credit))

    credit = trail.arguments()
    return Markup(HREF.sub(carried, text)) if credit else text  # noqa: S704  It was safe, and is escaped anew.


def _with(url: str, credit: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    named = {part.partition("=")[0] for part in parts.query.split("&")}
    more = urlencode({name: value for name, value in credit.items() if name not in named})
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))
