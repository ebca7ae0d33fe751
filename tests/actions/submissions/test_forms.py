"""Forms: stories and answers, kept once the address is proven, published as their owners allow, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.actions.models import Action
from crm.actions.submissions import sending
from crm.actions.submissions.models import Submission
from crm.base import clock
from crm.base.models import AuditEntry
from crm.base.registries import metrics
from crm.base.segment_fields import segment_fields
from crm.contacts import known
from crm.contacts.custom_fields import answers
from crm.contacts.custom_fields.models import CustomField
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.actions.makers import send
from tests.contacts.people import AMINA, confirm_path, hidden, mails, path, person, sign_ups

PAGE = "/actions/your-story"
STORY = {"story": "I drove a taxi for six years.\nI am a <b>nurse</b>.", "publish": "initial"}


@pytest.fixture
def story(app) -> Action:
    """A form that asks for a story, and one question that must be answered."""
    factories.add(CustomField(key="profession", kind="text", labels={"en": "Your profession"}, hints={}, choices=[]))
    action = Action(slug="your-story", kind="form", state="published", titles={"en": "Your story"}, options={})
    factories.add(action)
    action.asks_story, action.questions, action.required = True, ["profession"], ["profession"]
    db.session.commit()
    return action


def sent(client, email=AMINA, **values):
    """Send the form, and confirm; returns the page that thanks."""
    answer = send(client, email, url=PAGE, **{**STORY, "custom_profession": "Nurse", **values})
    assert answer.status_code == 303, answer.text
    return client.send(confirm_path(email))


def rows() -> list[Submission]:
    db.session.expire_all()
    return list(db.session.scalars(select(Submission).order_by(Submission.id)))


def published(browser, row, **values):
    url = f"/staff/actions/{row.action_id}/submissions/{row.id}"
    typed = {"published_title": "From taxi to ward", **values}
    return browser.send(f"{url}/publish", {**hidden(browser.page(url).text), "published_text": row.story, **typed})


def test_what_must_be_answered_is_asked_for_and_nothing_typed_is_lost(story, client):
    page = send(client, url=PAGE, **STORY, custom_profession="")
    assert page.status_code == 422 and "Please answer “Your profession”." in page.text
    assert "six years" in page.text and rows() == []


def test_story_and_answers_are_kept_once_the_address_is_proven(story, client, as_bob):
    sent(client)
    (row,) = rows()
    assert (row.answers, row.publish, row.new) == ({"profession": "Nurse"}, "initial", True)
    assert answers.of(person().id) == {"profession": "Nurse"}
    page = as_bob.page(f"/staff/actions/{story.id}/submissions/{row.id}").text
    assert "Your profession" in page and "&lt;b&gt;nurse" in page
    found = select(Contact.id).where(segment_fields["sent_form"].condition("is", str(story.id)))
    assert db.session.scalars(found).all() == [row.contact_id]


def test_a_story_is_public_only_as_its_owner_allows(story, client, as_oscar):
    sent(client)
    sent(client, "samir@mail.example", story="Not for others", publish="no")
    sent(client, "lena@mail.example", story="Nameless but told", publish="none", first_name="Lena")
    assert "taxi" not in client.page(PAGE).text
    first, secret, nameless = rows()
    published(as_oscar, first)
    published(as_oscar, nameless, published_title="Nameless")
    url = f"/staff/actions/{story.id}/submissions/{secret.id}/publish"
    as_oscar.post(url, data={"version": "1", "published_title": "x", "published_text": "Not for others"})
    page = client.page(PAGE).text
    assert "From taxi to ward" in page and "Amina O." in page and "&lt;b&gt;nurse" in page and "Odeh" not in page
    assert "Nameless but told" in page and "Lena" not in page and "Not for others" not in page


def test_a_story_that_was_declined_is_not_published_by_who_had_it_open_before(story, client, as_oscar):
    sent(client)
    (row,) = rows()
    url = f"/staff/actions/{row.action_id}/submissions/{row.id}"
    opened = {**hidden(as_oscar.page(url).text), "published_text": row.story, "published_title": "From taxi to ward"}
    as_oscar.send(f"{url}/decline")
    as_oscar.send(f"{url}/publish", opened, status=409)
    assert rows()[0].state == "declined" and "taxi" not in client.page(PAGE).text


def test_what_is_taken_back_is_deleted_and_gone_from_the_site_at_once(story, client, as_oscar):
    sent(client)
    published(as_oscar, rows()[0])
    link = path(next(merge["withdraw_url"] for _, merge in mails() if "withdraw_url" in merge))
    client.page(link)
    assert "taxi" in client.page(PAGE).text
    client.send(link)
    (row,) = rows()
    assert (row.story, row.answers, row.published_text) == ("", {}, "") and "taxi" not in client.page(PAGE).text


def test_staff_choose_what_a_form_asks_and_one_that_asks_nothing_is_refused(story, as_oscar):
    url = "/staff/actions/new/form"
    form = hidden(as_oscar.page(url).text)
    typed = {"title_en": "Ask us", "zone": "America/New_York"}
    assert "at least one question" in as_oscar.send(url, {**form, **typed}).text
    as_oscar.send(url, {**form, **typed, "questions": ["profession"], "required": ["profession"]})
    action = db.session.scalars(select(Action).where(Action.slug == "ask-us")).one()
    assert (action.questions, action.required, action.asks_story) == (["profession"], ["profession"], False)


def test_only_whom_it_is_given_to_exports_what_was_sent(story, client, as_alice, as_oscar):
    sent(client)
    url = f"/staff/actions/{story.id}/submissions/export"
    assert as_oscar.post(url).status_code == 403
    told = as_alice.post(url).text
    assert "Your profession" in told and "Nurse" in told and "six years" in told


@pytest.mark.usefixtures("one_hour")
def test_one_press_of_a_known_supporter_sends_once_and_the_link_floods_nobody(story, client):
    contact = factories.make_contact(AMINA, topics={"research": "active"})
    db.session.commit()
    link = path(known.link(contact.id, "submission", story.id))
    typed = {**STORY, "custom_profession": "Nurse", "known": "1"}
    form = {**hidden(client.page(link).text), **typed}
    assert {client.post(PAGE, data=form).status_code for _ in range(3)} == {303}
    assert len(rows()) == len(mails()) == 1
    codes = [client.post(PAGE, data={**hidden(client.page(link).text), **typed}).status_code for _ in range(4)]
    assert codes == [303, 303, 429, 429] and len(rows()) == len(mails()) == 3


def test_what_is_taken_back_is_kept_nowhere_else(story, client, as_oscar):
    sent(client)
    published(as_oscar, rows()[0])
    sending.withdraw(rows()[0])
    db.session.commit()
    assert answers.of(person().id) == {} and [one.details for one in sign_ups()] == [{}]
    assert "taxi" not in str([one.changes for one in db.session.scalars(select(AuditEntry))])


def test_a_form_that_was_sent_counts_for_goals_and_stands_in_growth_by_who_brought_it(story, client, as_alice):
    harbor = factories.make_organization("Harbor College", is_member=True, via="harbor")
    db.session.commit()
    sent(client, query="?via=harbor")
    sent(client, "samir@mail.example")
    assert metrics["submissions"].count(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)) == 2
    page = as_alice.page(f"/staff/growth/people?did=submissions&member={harbor.id}").text
    assert AMINA in page and "samir@" not in page
    sending.withdraw(rows()[0])
    db.session.commit()
    assert AMINA not in as_alice.page(f"/staff/growth/people?did=submissions&member={harbor.id}").text


def test_a_story_that_comes_too_late_is_shown_to_be_copied(story, client):
    html = client.page(PAGE).text
    story.closes_at = clock.now()
    db.session.commit()
    page = client.send(PAGE, {**hidden(html), **STORY, "email": AMINA}, status=410).text
    assert "I drove a taxi for six years.\nI am a &lt;b&gt;nurse&lt;/b&gt;.</textarea>" in page and rows() == []
