"""The addresses of a mailing on the web: its public page, or a signed one where it does not stand in the archive."""

import html
from dataclasses import dataclass

from crm.base import signing
from crm.base.public_pages import public_url
from crm.contacts import links
from crm.contacts.sources import Trail
from crm.delivery.press import ascii_url
from crm.mailings import fields
from crm.mailings.archive import archiving
from crm.mailings.models import Mailing
from crm.mailings.sequences import using
from crm.mailings.texts import Text

VIEW = "view"


@dataclass(frozen=True)
class Links:
    """What a mail says of its page on the web: where it is, and where it is forwarded from; "" where there is none."""

    view: str = ""
    forward: str = ""


def in_mail(said: Text) -> Links:
    """Return the links that the mail of that text carries.

    The page that it is forwarded from credits who forwards it, so the recipient's share code stands in its address.
    """
    mailing = archiving.mailing_of(said)
    if mailing is None or using.step_of(mailing.id):  # What a step says may be changed without going out.
        return Links()
    place = archiving.place_of(mailing)
    if not place.shown:
        return Links(public_url(f"/view/{signing.sign(VIEW, str(mailing.id))}", lang=said.language))
    forward = public_url(f"/archive/{place.slug}/forward", lang=said.language)
    page = public_url(f"/archive/{place.slug}", lang=said.language)
    return Links(page, f"{forward}&via={{{{{fields.SHARE_CODE}}}}}")


def for_test(text: str, said: Text) -> str:
    """Return a part of the mail with links that work in a test, before the mailing is released."""
    links = in_mail(said)
    for link in (links.forward, links.view):
        for written in (html.escape(link), link) if link else ():
            text = text.replace(written, public_url("/test-link", to="page"))
    return text


def headers(mailing: Mailing) -> dict[str, str]:
    """Return the headers by which a mail program finds the archive (RFC 2369 §3.6), where the mailing stands in it."""
    if not archiving.place_of(mailing).shown:
        return {}
    return {"List-Archive": f"<{ascii_url(public_url('/archive/'))}>"}


def shared(slug: str, trail: Trail, medium: str, language: str) -> str:
    """Return the address of the public page to pass on: it credits the mailing, and who shares it where known."""
    return links.passed_on(f"/archive/{slug}", trail, medium=medium, campaign=slug, lang=language)


def credited(trail: Trail, slug: str) -> dict[str, str]:
    """Return the arguments by which a sign-up is credited to the mailing, and to whoever led the visitor there."""
    found = {"utm_source": "archive", "utm_medium": "web", "utm_campaign": slug} | trail.arguments()
    return found if found["utm_campaign"] == slug else {"utm_content": slug} | found
