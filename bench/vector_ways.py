"""Addresses that no link of a page leads to: what mails link to, what one sees after a form, and views by number."""

from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule

from crm.accounts import invitations
from crm.accounts.models import User
from crm.actions import kinds
from crm.actions.addresses import WITHDRAW
from crm.actions.models import Action, Signature
from crm.assistance import requesting
from crm.base import signing
from crm.base.deeds import Deed
from crm.contacts import known, links
from crm.contacts.models import Contact, SignUp
from crm.contacts.signup_forms.keeping import DEED as SIGN_UP
from crm.contacts.signup_forms.models import SignUpForm
from crm.events import links as event_links
from crm.events.models import DEED as COMING
from crm.events.models import Attendance, Event
from crm.extensions import db
from crm.influencers.day import agenda
from crm.mailings.calendar import feed
from crm.mailings.calendar.models import CalendarFeed
from crm.mailings.models import Mailing
from crm.resources import asking
from crm.resources.models import Resource
from crm.site.pages.models import SitePage, SitePageRevision

Way = tuple[str, str]
NUMBERS = range(1, 9)
# Where the words in addresses stand, by the first part of the address.
SLUGS = {
    "actions": "action",
    "events": "event",
    "resources": "resource",
    "signup": "sign_up_form",
    "embed": "sign_up_form",
    "archive": "mailing_archive",
}
NOT_READ = {
    "mailbox.html": "in development alone, where it shows the mails of whoever develops",
    "mailbox.index": "in development alone",
    "mailbox.show": "in development alone",
    "site_setup.setup": "closed once there is a coalition",
    "site_public.logo": "a picture alone, looked at when it is uploaded",
    "mailing_picture_files.show": "a picture alone",
    "ask_files_staff.download": "a file as it was uploaded, always to be saved",
    "resource_files.free": "a file as it was uploaded, always to be saved",
    "resource_files.given": "a file as it was uploaded, always to be saved",
    "mailings_public.follow": "it leads to what a released mailing links to",
    "interaction_staff.calendar": "a calendar file of a meeting to come; tests read it",
}
"""Views of which no page is read, and why."""


def every(app: Flask) -> list[Way]:
    """Return who opens which address."""
    with app.test_request_context():
        return [
            *(("admin", "/staff/"), ("visitor", "/"), ("visitor", "/nowhere")),
            *(("visitor", one) for one in (*signed(), *thanked())),
            *(("admin", f"/staff/day/{part}?whose=all") for part in agenda.PARTS),
            *(("admin", one) for one in translated()),
            *guessed(app),
        ]


def signed() -> Iterator[str]:
    """Yield what signed links lead to."""
    contact = _supporter()
    yield _path(links.preferences(contact.id))
    yield f"/unsubscribe/{signing.sign('unsubscribe', f'{contact.id}:action-alerts')}"
    yield f"/stay/{signing.sign('stay', str(contact.id))}"
    for sign_up in db.session.scalars(select(SignUp).limit(3)):
        confirming = _path(links.confirm(sign_up.id, sign_up.contact.email or ""))
        yield from (confirming, f"{confirming}/thanks")
    for attendance in db.session.scalars(select(Attendance).limit(3)):
        own = event_links.own_path(attendance)
        yield from (own, f"{own}.ics", _path(event_links.join(attendance)))
    for mailing in db.session.scalars(select(Mailing)):
        viewed = f"/view/{signing.sign('view', str(mailing.id))}"
        yield from (viewed, f"{viewed}/mail")
    for signature in db.session.scalars(select(Signature).limit(1)):
        yield f"/actions/withdraw/{signing.sign(WITHDRAW, f'signature:{signature.id}')}"
    for user in db.session.scalars(select(User).limit(1)):
        yield _path(invitations.url(user, invitations.INVITATION))
    for one in db.session.scalars(select(CalendarFeed)):
        yield f"/calendar/{signing.sign(feed.PURPOSE, f'{one.user_id}.{one.number}')}.ics"


def thanked() -> Iterator[str]:
    """Yield the pages that thank a supporter for each thing that may be done."""
    deeds = [Deed(kinds.of(one).deed, one.id) for one in db.session.scalars(select(Action)) if kinds.of(one).deed]
    deeds += [Deed(COMING, one) for one in db.session.scalars(select(Event.id))]
    deeds += [Deed(asking.KIND, one) for one in db.session.scalars(select(Resource.id))]
    deeds += [Deed(SIGN_UP, one) for one in db.session.scalars(select(SignUpForm.id))]
    for deed in [*deeds, Deed(requesting.KIND, requesting.ABOUT)]:
        yield _path(known.after(_supporter().id, deed))


def translated() -> Iterator[str]:
    """Yield where staff see the Spanish text of pages of the site, now and in their history."""
    for page in db.session.scalars(select(SitePage)):
        if "es" in page.content:
            yield from (f"/staff/site/{page.id}?text=es", f"/staff/site/{page.id}/preview?text=es")
    for revision in db.session.scalars(select(SitePageRevision)):
        if "es" in revision.content:
            yield f"/staff/site/{revision.page_id}/preview?text=es&revision={revision.id}"


def guessed(app: Flask) -> Iterator[Way]:
    """Yield addresses of each view with small numbers, and with the words of our rows."""
    for rule in app.url_map.iter_rules():
        words = [name for name in rule.arguments if not isinstance(rule._converters[name], IntegerConverter)]
        if "GET" in (rule.methods or ()) and set(words) <= {"slug", "language"}:
            for slug in _slugs(rule) if "slug" in words else [""]:
                yield from _numbered(app, rule, {"slug": slug, "language": "en"})


def _numbered(app: Flask, rule: Rule, words: dict[str, str]) -> Iterator[Way]:
    adapter = app.url_map.bind("localhost")
    for number in NUMBERS if rule.arguments - set(words) else [1]:
        values = {name: words.get(name, number) for name in rule.arguments}
        address = adapter.build(rule.endpoint, values, "GET")
        yield ("admin" if address.startswith("/staff") else "visitor"), address


def _slugs(rule: Rule) -> list[str]:
    table = db.metadata.tables.get(SLUGS.get(rule.rule.split("/")[1], ""))
    return list(db.session.scalars(select(table.c.slug))) if table is not None else []


def _supporter() -> Contact:
    contact = db.session.scalars(select(Contact).where(Contact.confirmed_at.is_not(None))).first()
    assert contact is not None
    return contact


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3] if "://" in url else url
