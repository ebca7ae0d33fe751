"""Who is known without typing anything: by a link in a mail that acts with one button, and after something was done."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Response, request

from crm.base import clock, limits, signing
from crm.base.deeds import Deed, Done, deeds
from crm.base.public_pages import public_url
from crm.contacts import links, sources
from crm.contacts.merging import former
from crm.contacts.models import Contact

FIELD = "me"
ACT = "act"
ACTS = re.compile(r"([a-z_]{1,32})-(\d{1,9})")
LINK_LIFE = timedelta(days=90)
PER = timedelta(hours=24)  # Within it a deed is done as often as its kind allows, whoever has the link.
DONE_LIFE = timedelta(days=7)
# How long the page that thanks lets its reader go on and take back as the one who did it: its address may be passed on.
JUST = timedelta(hours=1)


class TooOften(Exception):
    """A deed was done by a signed link as often as a day allows."""


def link(contact_id: int, kind: str, about_id: int, *, just: bool = False) -> str:
    """Return the address of the page on which this contact does this deed with one button.

    It lives 90 days, or where somebody has `just` done something else, an hour.
    """
    named = token(contact_id, kind, about_id, "act_now" if just else "act")
    return public_url(f"{deeds[kind].page(about_id)}?{FIELD}={named}")


def address(kind: str, about_id: int) -> str:
    """Return the address of a deed's page as mailings write it: whom the copy went to is known there (`lead`)."""
    return public_url(f"{deeds[kind].page(about_id)}?{ACT}={kind}-{about_id}")


def credit_address(path: str, kind: str, about_id: int) -> str:
    """Return the address of a page as mailings write it on which nothing is done: it credits whom the copy went to."""
    return public_url(path, **{ACT: f"{kind}-{about_id}"})


def asks(url: str) -> bool:
    """Tell whether this is such an address."""
    return url.startswith(public_url("/")) and ACTS.fullmatch(_arguments(url).get(ACT, "")) is not None


def lead(url: str, mark: str) -> str:
    """Return where such an address leads whoever got the copy with that mark: they are known on the deed's page alone.

    With another mark, or none, it leads a stranger there. Any other address is returned as it is.
    """
    if not asks(url):
        return url
    arguments = _arguments(url)
    kind, _, about_id = arguments.pop(ACT).rpartition("-")
    contact = _got_copy(mark)
    if contact is not None and kind in deeds:
        arguments[FIELD] = token(contact.id, kind, int(about_id))
    elif contact is not None:  # What is passed on from there is to their credit.
        arguments["via"] = contact.share_code
    return urlunsplit(urlsplit(url)._replace(query=urlencode(arguments)))


def token(contact_id: int, kind: str, about_id: int, purpose: str = "act") -> str:
    """Return what makes a contact known on the page of one deed."""
    return signing.sign(purpose, f"{contact_id}:{kind}:{about_id}", dated=True)


def visitor(kind: str, about_id: int) -> Contact | None:
    """Return whom the present request's link or form names for this deed; None for a link that is bad, old or none."""
    given = request.values.get(FIELD, "")
    return _named("act", given, kind, about_id, LINK_LIFE) or _named("act_now", given, kind, about_id, JUST)


def shown(contact: Contact) -> str:
    """Return by what a page calls its visitor, so that who got the link forwarded learns no address from it."""
    local, _, domain = (contact.email or "").partition("@")
    return contact.first_name or f"{local[:1]}…@{domain}"


def do(contact: Contact, deed: Deed, source_id: int | None, form_id: str = "") -> str:
    """Do it in the name of a contact who came by a signed link; returns where to lead to. The caller commits.

    A form that was taken before, as by a double click, is taken no second time. Raises TooOften, for which the caller
    has to undo what was written.
    """
    kind, what = deeds[deed.kind], f"{contact.id}:{deed.kind}:{deed.about_id}"
    if not form_id or limits.first(f"form:{what}:{form_id}", timedelta(days=1)):
        if not limits.allow(f"known:{what}", kind.by_link, PER):
            raise TooOften
        kind.settle(Done(deed, contact.id, source_id, contact.language, contact.confirmed_at is None, clock.now()))
    return after(contact.id, deed, source_id)


def after(contact_id: int, deed: Deed, source_id: int | None = None) -> str:
    """Return the address of the page that thanks this contact, whose links carry along what that source credits."""
    kind, said = deeds[deed.kind], f"{contact_id}:{deed.kind}:{deed.about_id}"
    if carried := kind.carries(deed.details):
        said += f":{carried}"
    page = kind.after(deed.about_id, signing.sign("done", said, dated=True))
    return links.onward(page, sources.trail_to(source_id))


def who_did(told: str, kind: str, about_id: int) -> Contact | None:
    """Return who did the deed, as the token of the page that thanks says; None for one that is bad or old."""
    return _named("done", told, kind, about_id, DONE_LIFE)


def just_did(told: str) -> bool:
    """Tell whether the token of the page that thanks is so new that its reader is likely who did it."""
    try:
        return bool(signing.read("done", told, max_age=JUST))
    except signing.InvalidToken:
        return False


def keep_private(response: Response) -> Response:
    """Keep pages that somebody's own link opens out of caches and search engines, and their addresses from others."""
    if "token" in (request.view_args or {}) or FIELD in request.args:
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
    return response


def carried(told: str) -> str:
    """Return what the deed's kind has the token of the page that thanks carry; "" for nothing, or a bad or old one."""
    try:
        return "".join(signing.read("done", told, max_age=DONE_LIFE).split(":", 3)[3:])
    except signing.InvalidToken:
        return ""


def _arguments(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _got_copy(mark: str) -> Contact | None:
    try:
        return former.contact(int(signing.read("known_by", mark, max_age=LINK_LIFE))) if mark else None
    except signing.InvalidToken:
        return None


def _named(purpose: str, text: str, kind: str, about_id: int, life: timedelta) -> Contact | None:
    try:
        contact_id, *about = signing.read(purpose, text, max_age=life).split(":", 3)[:3]
    except signing.InvalidToken:
        return None
    return former.contact(int(contact_id)) if about == [kind, str(about_id)] else None
