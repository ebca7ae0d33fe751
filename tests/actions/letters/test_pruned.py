"""Letters whose copies were deleted because of their age are told as such, and never as sent."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import update

from crm.base import clock
from crm.delivery import pruning
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from tests.actions.letters.makers import letters, make_action, make_target, outreach, write

OLD = timedelta(days=400)
PEOPLE = ("amina@example.org", "bao@example.org", "carla@example.org", "dina@example.org")


@pytest.fixture
def action(app, client):
    """An action of whose four letters one was sent, one failed and one was canceled long ago; the last waits."""
    action = make_action()
    make_target(action)
    for email in PEOPLE:
        write(client, email)
    old = clock.now() - OLD
    db.session.execute(update(Message).values(created_at=old))
    for copy, state in zip(letters(), ("sent", "failed", "canceled"), strict=False):
        copy.state, copy.next_attempt_at, copy.sent_at = state, old, old if state == "sent" else None
    db.session.commit()
    return action


def list_of(browser, action, state):
    return browser.page(f"/staff/actions/{action.id}/letters/?state={state}").text


def test_what_became_of_them_is_told_in_numbers_once_their_copies_are_gone(as_alice, action):
    there = f"/staff/actions/{action.id}/targets/"
    page = as_alice.page(there).text
    assert "too old to tell" not in page and "1 letters sent" in page
    deleted = sum(sum(step.values()) for step in pruning.prune_all(clock.now() - timedelta(days=365)))
    assert (deleted, db.session.query(Delivery).filter_by(state="queued").count() > 0) == (3, True)
    page = as_alice.page(there).text
    assert "3 letters too old to tell" in page and "1 letters wait" in page and "letters sent</a>" not in page
    told = "Of letters too old to tell one by one, 1 was sent, 1 was canceled, 1 failed."
    assert told in page
    gone = list_of(as_alice, action, "gone")
    assert told in gone and gone.count("Letters too old to tell</td>") == 3
    assert "Nothing here" in list_of(as_alice, action, "sent")
    rows = list(csv.DictReader(io.StringIO(as_alice.send(f"/staff/actions/{action.id}/letters/export").text)))
    assert sorted(row["state"] for row in rows) == ["Letters that wait", *["Letters too old to tell"] * 3]
    assert len(outreach()) == 4
