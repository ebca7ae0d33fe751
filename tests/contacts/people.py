"""What the tests of contacts share: a form filled in, and what it led to."""

import re
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from crm.base import clock
from crm.contacts.models import ConsentRecord, Contact, SignUp
from crm.contacts.subscriptions import states
from crm.delivery.models import Delivery, Message
from crm.extensions import db

AMINA = "amina@mail.example"


def filled_in(client, email=AMINA, *, url="/signup", network="203.0.113.7", **values: Any):
    """Open the form, wait like a person, send it; returns the answer."""
    page = client.get(url)
    data = {"email": email, "consent": "y", "language": "en", **hidden(page.text), **values}
    return posted(client, data, network)


def posted(client, data, network="203.0.113.7", after=timedelta(seconds=5)):
    with time_machine.travel(clock.now() + after, tick=False):
        return client.post("/signup", data=data, environ_overrides={"REMOTE_ADDR": network})


def hidden(html: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', html)
    pairs = [(re.search(r'name="([^"]*)"', f), re.search(r'value="([^"]*)"', f)) for f in fields]
    return {name[1]: value[1] if value else "" for name, value in pairs if name}


def mails(address=AMINA) -> list[tuple[str, dict]]:
    """The subject and the merge values of each copy queued for an address, oldest first."""
    query = select(Message.subject, Delivery.merge).join(Message).where(Delivery.address == address)
    return [(row.subject, row.merge or {}) for row in db.session.execute(query.order_by(Delivery.id))]


def path(url: str) -> str:
    return url.removeprefix("http://crm.example")


def confirm_path(address=AMINA) -> str:
    return path(next(m["confirm_url"] for _, m in reversed(mails(address)) if "confirm_url" in m))


def person(address=AMINA) -> Contact | None:
    db.session.expire_all()
    return db.session.scalar(select(Contact).where(Contact.email == address))


def topics_of(address=AMINA) -> dict[str, str]:
    contact = person(address)
    return states(contact) if contact else {}


def records(address=AMINA) -> list[ConsentRecord]:
    contact = person(address)
    return list(
        db.session.scalars(select(ConsentRecord).filter_by(contact_id=contact.id).order_by(ConsentRecord.id))
        if contact
        else []
    )


def sign_ups() -> list[SignUp]:
    db.session.expire_all()
    return list(db.session.scalars(select(SignUp).order_by(SignUp.id)))
