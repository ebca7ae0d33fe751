"""The stories that staff wrote and those that people sent, in one list; gone everywhere once they are taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.actions.models import Action
from crm.actions.submissions import sending
from crm.actions.submissions.models import Submission
from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts.forgetting.forgetting import forget
from crm.extensions import db
from crm.site.stories import listing
from tests import factories
from tests.site.pages.makers import make_page

EVERYWHERE = ("/stories/", "/sitemap.xml", "/actions/your-story")


@pytest.fixture
def form(app) -> Action:
    action = Action(slug="your-story", kind="form", state="published", titles={"en": "Your story"}, options={})
    factories.add(action)
    action.asks_story = True
    return action


def send(form, title="From taxi to ward", *, ago=0, **values) -> Submission:
    """A story that somebody sent, as staff published it."""
    at = clock.now() - timedelta(days=ago)
    told = {"story": "I drove a taxi.", "publish": "initial", "name": "Amina O.", "at": at, **values}
    contact = factories.make_contact()
    row = factories.add(Submission(action_id=form.id, contact_id=contact.id, answers={}, version=1, **told))
    sending.publish(row, {"published_title": title, "published_text": "I drove a taxi.\nI am a nurse."}, 1)
    row.published_at = at
    db.session.commit()
    return row


def test_both_stand_in_one_list_the_newest_first(form, client):
    send(form, ago=3)
    make_page("story", slug="wheel", title="Behind the wheel", shown=True)
    send(form, "Written by night", ago=-1)
    text = client.page("/stories/").text
    places = [text.index(title) for title in ("Written by night", "Behind the wheel", "From taxi to ward")]
    assert places == sorted(places) and "Amina O." in text
    assert "I am a nurse." in client.page("/actions/your-story/stories/1").text
    found = client.get("/sitemap.xml").text
    assert "/actions/your-story/stories/1<" in found and "/stories/wheel<" in found and "/stories/<" in found


def test_the_list_has_pages(form, client, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for number in range(3):
        send(form, f"Story {number}", ago=number)
    assert "Story 2" not in client.page("/stories/").text
    assert "Story 2" in client.page("/stories/?page=2").text and "Story 2" in client.page("/stories/?page=9").text


def test_what_is_not_allowed_or_not_decided_is_nowhere(form, client):
    row = send(form)
    other = factories.add(
        Submission(action_id=form.id, contact_id=row.contact_id, story="Mine", at=clock.now(), answers={})
    )
    sending.decline(row)
    db.session.commit()
    for number in (row.id, other.id):
        assert client.get(f"/actions/your-story/stories/{number}").status_code == 404
    assert "There are none yet" in client.page("/stories/").text and "/stories/" not in client.get("/").text


@pytest.mark.parametrize("leave", ["withdraw", "forget"])
def test_who_takes_theirs_back_or_is_forgotten_is_gone_everywhere_and_from_the_audit_trail(form, client, leave):
    row = send(form)
    path = f"/actions/your-story/stories/{row.id}"
    assert all("taxi" in client.get(place).text or path in client.get(place).text for place in EVERYWHERE)
    sending.withdraw(row) if leave == "withdraw" else forget(row.contact, "own")
    db.session.commit()
    assert client.get(path).status_code == 404
    for place in EVERYWHERE:
        assert "taxi" not in client.get(place).text and path not in client.get(place).text
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.thing == "submission")).all()
    assert entries and not any("taxi" in str(entry.changes) for entry in entries)
