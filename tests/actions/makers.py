"""Actions for tests, and people who act on their pages."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from crm.actions.models import Action, Signature
from crm.base import clock
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, confirm_path, hidden

PAGE = "/actions/let-nurses-work"
SIGNED = "/actions/let-nurses-work/signatures"


def make_petition(**values: Any) -> Action:
    defaults: dict[str, Any] = {"slug": "let-nurses-work", "kind": "petition", "state": "published", "goal": 100}
    defaults |= {"titles": {"en": "Let nurses work"}, "published_at": clock.now(), "options": {}}
    action = factories.add(Action(**{**defaults, **values}))
    db.session.commit()
    return action


def send(client, email=AMINA, *, url=PAGE, query="", network="203.0.113.7", after=timedelta(seconds=5), **values: Any):
    """Open the page, wait like a person, send its form; returns the answer."""
    typed = {"email": email, "first_name": "Amina", "last_name": "Odeh", "shown": "none"}
    data = {**typed, **hidden(client.page(url + query).text), **values}
    with time_machine.travel(clock.now() + after, tick=False):
        return client.post(url, data=data, environ_overrides={"REMOTE_ADDR": network})


def sign(client, email=AMINA, **values: Any):
    """Sign, and confirm; returns the page that thanks."""
    assert send(client, email, **values).status_code == 303
    return client.send(confirm_path(email))


def signatures() -> list[Signature]:
    db.session.expire_all()
    return list(db.session.scalars(select(Signature).order_by(Signature.id)))
