"""Sending tests of a mailing to reviewers: filled in as for a contact, harmless to that contact, with a note on top."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import render_template
from sqlalchemy import delete, func, select, update

from crm.base import audit, database, limits
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.delivery import outbox
from crm.delivery.addresses import BadAddress, normalize, wire_form
from crm.extensions import db
from crm.mailings import checks, fields, identity, rendering, texts
from crm.mailings.archive import addresses
from crm.mailings.checking.check import Check, advice, good
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.rendering import Rendered
from crm.mailings.trials.models import MailingTest

MOST = 20  # addresses at once
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 60  # copies by one person
MOST_TO_ONE = 10  # copies to one address, an hour
NOTE = "reviewer_note"
BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


class TooMany(Exception):
    """More tests than a person may send, or an address may get; the message says when to go on."""


def send(mailing: Mailing, reviewers: Sequence[str], contact: Contact | None, note: str = "") -> list[str]:
    """Queue a copy to each of these addresses, filled in as that contact would get it; return them, each once.

    Raises BadAddress, NotReady, TooMany. Ends the caller's transaction: the mail is made in one that only reads.
    """
    reviewers = list(dict.fromkeys(normalize(address) for address in reviewers))
    for address in reviewers:
        wire_form(address)
    with database.looking():
        who, values = identity.current(), fields.values_for(contact)
        said = texts.read_by(mailing, contact)
        mail = rendering.render(said, who)
        if faults := checks.unsendable(mail, who):
            raise checks.NotReady(faults)
        mail = _harmless(mail, values, said)
    _count(reviewers)
    mail = _with_note(mail, note)
    used = {name: text for name, text in {**values, NOTE: note.strip()}.items() if name in mail.fields()}
    message = outbox.write(f"[Test] {mail.subject}", mail.html, mail.text, sender=pairing.sender(mailing.id, who))
    for address in reviewers:
        outbox.queue(message, address, merge=used, about=f"mailing-test:{mailing.id}")
        test = {"mailing_id": mailing.id, "holds_for": mailing.version, "address": address}
        db.session.add(MailingTest(**test, sent_by=audit.actor()))
    audit.record("test", "mailing", mailing.id, copies=len(reviewers), contact=contact.id if contact else None)
    return reviewers


def split(text: str) -> list[str]:
    """Return the addresses that were typed, on lines or with commas between them. Raises BadAddress, TooMany."""
    found = [part for part in re.split(r"[\s,;]+", text) if part]
    for address in found:
        if "." not in wire_form(address)[0].rpartition("@")[2]:
            raise BadAddress(f"“{address}” is no e-mail address. Write it like somebody@example.org.")
    return found


def of(mailing: Mailing) -> Sequence[MailingTest]:
    """Return the tests that were sent of this very version, the newest first."""
    query = select(MailingTest).where(MailingTest.mailing_id == mailing.id, MailingTest.holds_for == mailing.version)
    return db.session.scalars(query.order_by(MailingTest.id.desc())).all()


def look(mailing: Mailing) -> Check:
    """Return the check whether anybody was sent a test of this version."""
    number = len({test.address for test in of(mailing)})
    if number:
        return good(f"{'One reviewer was' if number == 1 else f'{number} reviewers were'} sent a test of this version.")
    earlier = select(func.count(MailingTest.id)).where(MailingTest.mailing_id == mailing.id)
    since = " It was changed since the last one." if db.session.scalar(earlier) else ""
    return advice(f"Nobody has seen a test of this version yet.{since}", "#test-title")


def follow(mailing: Mailing) -> None:
    """Let tests hold on for a mailing of which only the state changed, and with it the version."""
    mine = (MailingTest.mailing_id == mailing.id) & (MailingTest.holds_for == mailing.version - 1)
    statement = update(MailingTest).where(mine).values(holds_for=mailing.version)
    db.session.execute(statement.execution_options(synchronize_session=False))


def forget(contact_id: int) -> Sequence[Path]:
    """Drop the tests that somebody was sent who asked to be forgotten."""
    person = db.session.get_one(Contact, contact_id)
    addresses = {person.email, *(one.address for one in former.of(person))} - {None, ""}
    db.session.execute(delete(MailingTest).where(MailingTest.address.in_(addresses)))
    return []


def _count(reviewers: Sequence[str]) -> None:
    person = audit.actor()
    if len(reviewers) > MOST:
        raise TooMany(f"Send a test to {MOST} addresses at most at once.")
    for address in reviewers:
        if not limits.allow(f"mailing-test-by:{person}", MOST_AN_HOUR, AN_HOUR):
            raise TooMany(f"You have sent {MOST_AN_HOUR} tests within an hour. Go on in the next one.")
        if not limits.allow(f"mailing-test-to:{address}", MOST_TO_ONE, AN_HOUR):
            raise TooMany(f"{address} got {MOST_TO_ONE} tests within an hour. Go on in the next one.")


def _harmless(mail: Rendered, values: Mapping[str, str], said: texts.Text) -> Rendered:
    """Put the test's own links in place of those that would end the subscription of the contact it is filled in for.

    Its page on the web is not there yet, so links to that lead to an explanation too.
    """
    html, text = mail.html, mail.text
    for name in fields.MADE_ON_SENDING:
        html, text = (part.replace(f"{{{{ {name} }}}}", values[name]) for part in (html, text))
    return replace(mail, html=addresses.for_test(html, said), text=addresses.for_test(text, said))


def _with_note(mail: Rendered, note: str) -> Rendered:
    # The note is a merge field of its own: so it is escaped as any, and braces in it stay braces.
    if not note.strip():
        return mail
    top = render_template("email/mailing_test/note.html", field=f"{{{{ {NOTE} }}}}")
    body = BODY.search(mail.html)
    at = body.end() if body else 0
    return replace(mail, html=f"{mail.html[:at]}{top}{mail.html[at:]}", text=f"{{{{ {NOTE} }}}}\n\n--\n\n{mail.text}")
