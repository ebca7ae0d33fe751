"""The pages of sequences."""

import pytest
from html5lib import parse
from sqlalchemy import select

from crm.base import signing
from crm.base.block_kinds import made
from crm.base.public_pages import public_url
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.archive import addresses
from crm.mailings.sequences import reaching
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep
from tests import factories
from tests.mailings.composer.makers import form_of
from tests.mailings.makers import make_segment, topic_id
from tests.mailings.sequences.makers import make_sequence, start

HTML = "{http://www.w3.org/1999/xhtml}"
FORM = {"name": "Welcome", "begins": "confirmed:", "goal_id": ""}


@pytest.fixture
def sequence(app, as_alice) -> Sequence:
    return make_sequence([(0, None), (3, 540)])


def page(sequence: Sequence) -> str:
    return f"/staff/sequences/{sequence.id}"


def press(browser, sequence: Sequence, act: str, shown: str = "") -> str:
    """Press the button that leads there on the page as it was `shown`, or as it is; return the page that answers."""
    tree = parse(shown or browser.page(page(sequence)).text)
    form = next(one for one in tree.iter(f"{HTML}form") if one.get("action") == f"{page(sequence)}/{act}")
    sent = {field.get("name"): field.get("value") for field in form.iter(f"{HTML}input")}
    return browser.send(f"{page(sequence)}/{act}", sent).text


def the_sequence() -> Sequence:
    db.session.expire_all()
    return db.session.scalars(select(Sequence)).one()


def test_from_nothing_to_a_live_sequence(app, as_alice):
    assert "No sequences yet" in as_alice.get("/staff/sequences/").text
    as_alice.post("/staff/sequences/new", data=FORM | {"topic_id": topic_id(), "version": 1})
    sequence = the_sequence()
    answer = as_alice.post(f"{page(sequence)}/steps")
    step = db.session.scalars(select(SequenceStep)).one()
    assert answer.location.endswith(f"/staff/mailings/{step.mailing_id}/edit")
    assert "is still to be written" in press(as_alice, sequence, "start")
    step.mailing.blocks = [made("text", html="<p>Welcome</p>")]
    db.session.commit()
    press(as_alice, sequence, "start")
    assert the_sequence().state == "live"
    assert "Live since" in as_alice.get(page(sequence)).text


def test_a_step_is_written_in_blocks_and_shows_no_record_that_would_grow_old(sequence, as_alice):
    as_alice.post(f"{page(sequence)}/steps")
    mailing = the_sequence().steps[-1].mailing
    composer = as_alice.page(f"/staff/mailings/{mailing.id}/edit").text
    assert "What this letter is about" in composer and 'value="add:b:0:quote"' in composer
    assert "add:b:0:goal" not in composer
    mailing.blocks = [made("columns", columns=[[made("goal", goal="next")], []])]
    db.session.commit()
    data = {"version": mailing.version}
    publish = f"{page(sequence)}/steps/{the_sequence().steps[-1].id}/publish"
    assert "this would grow old" in as_alice.send(publish, data).text


def test_steps_change_move_and_go(sequence, as_alice):
    first, second = sequence.steps
    data = {"days": "5", "at": "10:30", "segment_id": make_segment().id, "do": "save"}
    as_alice.post(f"{page(sequence)}/steps/{second.id}", data=data)
    db.session.refresh(second)
    assert (second.days, second.minute, second.segment.name) == (5, 630, "Ohio")
    as_alice.post(f"{page(sequence)}/steps/{second.id}", data={"do": "up"})
    assert [step.id for step in the_sequence().steps] == [second.id, first.id]
    as_alice.post(f"{page(sequence)}/steps/{second.id}", data={"do": "remove"})
    assert [step.id for step in the_sequence().steps] == [first.id]


def test_a_wait_that_is_none_is_refused(sequence, as_alice):
    data = {"days": "-1", "at": "", "segment_id": "", "do": "save"}
    answer = as_alice.post(f"{page(sequence)}/steps/{sequence.steps[0].id}", data=data, follow_redirects=True)
    assert "0 to 365 days" in answer.text


def test_a_step_goes_to_whoever_comes_to_it_and_to_no_recipients_of_its_topic(sequence, as_alice):
    factories.make_contact("ann@mail.example", topics={"action-alerts": "active"})
    mailing = sequence.steps[1].mailing
    pages = [as_alice.page(f"/staff/mailings/{mailing.id}/{name}").text for name in ("review", "edit")]
    assert ["Whoever comes to step 2 of Welcome" in page for page in pages] == [True, True]
    review, edit = pages
    assert "<dt>Recipients</dt>" not in review
    assert "Some of them" not in review
    assert " recipients." not in review
    assert 'English <span class="quiet">' not in edit
    assert "active subscription" not in edit


def test_what_somebody_changed_meanwhile_is_not_started(sequence, as_alice):
    answer = as_alice.post(f"{page(sequence)}/start", data={"version": 1}, follow_redirects=True)
    assert "Look at it again" in answer.text
    assert the_sequence().state == "draft"


def rewrite() -> None:
    mailing = the_sequence().steps[0].mailing
    composing.save(mailing, {"body": "Not what was read"}, version=mailing.version)
    db.session.commit()


def test_a_step_that_was_rewritten_meanwhile_is_not_started_unseen(sequence, as_alice):
    shown = as_alice.page(page(sequence)).text
    rewrite()
    assert "Step 1 was changed since you looked at it" in press(as_alice, sequence, "start", shown)
    assert the_sequence().state == "draft"
    press(as_alice, sequence, "start")
    assert the_sequence().state == "live"


def test_words_that_nobody_has_seen_are_not_let_out(sequence, as_alice):
    start(sequence)
    rewrite()
    seen, act = the_sequence().steps[0].mailing.version, f"steps/{sequence.steps[0].id}/publish"
    shown = as_alice.page(page(sequence)).text
    rewrite()
    assert "Step 1 was changed since you looked at it" in press(as_alice, sequence, act, shown)
    assert the_sequence().steps[0].sent_version < seen
    press(as_alice, sequence, act)
    assert the_sequence().steps[0].sent_version == seen + 1


def test_topic_and_audience_of_a_step_are_its_sequence_s_alone(sequence, as_alice):
    start(sequence)
    mailing, url = sequence.steps[0].mailing, f"/staff/mailings/{sequence.steps[0].mailing_id}/edit"
    before = (mailing.topic_id, mailing.audience)
    composer = as_alice.page(url).text
    offered = form_of(composer)
    assert not {"topic_id", "people", "without_people"} & set(offered)
    assert "Whoever comes to step 1 of Welcome" in composer
    as_alice.send(url, offered | {"body": "New words", "topic_id": str(topic_id("research")), "people": "all"})
    db.session.expire_all()
    assert mailing.body == "New words"
    assert (mailing.topic_id, mailing.audience) == before


def test_a_step_that_had_another_topic_goes_out_under_that_of_its_sequence_once_published(sequence, as_alice):
    start(sequence)
    step = sequence.steps[0]
    step.mailing.topic_id = topic_id("research")
    db.session.commit()
    data = FORM | {"name": "Welcome all", "topic_id": topic_id(), "version": sequence.version}
    as_alice.send(f"{page(sequence)}/edit", data)
    assert "It does not go out yet" in as_alice.page(page(sequence)).text
    press(as_alice, sequence, f"steps/{step.id}/publish")
    db.session.expire_all()
    (message,) = [db.session.get_one(Message, one.message_id) for one in reaching.published(step)]
    assert message.list_id == "action-alerts"


def test_two_of_the_same_name_are_refused(sequence, as_alice):
    form = FORM | {"name": "WELCOME", "topic_id": topic_id(), "version": 1}
    assert "already" in as_alice.post("/staff/sequences/new", data=form).text


def test_its_topic_stays_once_people_are_on_their_way(sequence, as_alice):
    start(sequence)
    data = FORM | {"topic_id": topic_id("research"), "version": sequence.version}
    assert "under this topic" in as_alice.post(f"{page(sequence)}/edit", data=data).text


def test_what_a_step_says_is_on_no_public_page(sequence, client):
    start(sequence)
    mailing = sequence.steps[0].mailing
    assert mailing.message_ids
    assert client.get(public_url(f"/view/{signing.sign(addresses.VIEW, str(mailing.id))}")).status_code == 404
    assert mailing.subject not in client.get("/archive/").text


def test_the_numbers_open_the_people(sequence, as_alice):
    start(sequence)
    contact = factories.make_contact("amina@mail.example")
    run = {"state": "left", "reason": "No longer subscribed", "entered_at": sequence.created_at}
    db.session.add(SequenceRun(sequence_id=sequence.id, contact_id=contact.id, changed_at=sequence.created_at, **run))
    db.session.commit()
    url = f"{page(sequence)}/people?state=left"
    assert f'<a href="{url}"><span class="visually-hidden">Left: </span>1</a>' in as_alice.get(page(sequence)).text
    listed = as_alice.get(url).text
    assert contact.name in listed
    assert "no longer subscribed" in listed
    assert "Nobody here" in as_alice.get(f"{page(sequence)}/people?state=done").text


def test_a_step_is_neither_listed_scheduled_nor_deleted_as_a_mailing(sequence, as_alice):
    mailing = sequence.steps[0].mailing
    assert mailing.subject not in as_alice.get("/staff/mailings/").text
    review = as_alice.get(f"/staff/mailings/{mailing.id}/review").text
    assert "step 1 of the sequence" in review
    assert "Send it now" not in review
    form = {"when": "now", "zone": "UTC", "version": mailing.version}
    assert "goes out with that" in as_alice.post(f"/staff/mailings/{mailing.id}/schedule", data=form).text
    answer = as_alice.post(f"/staff/mailings/{mailing.id}/delete", follow_redirects=True)
    assert "Take it out there" in answer.text


def test_a_segment_that_a_sequence_needs_stays(app, as_alice):
    segment = make_segment()
    make_sequence([(0, None)], goal_id=segment.id)
    answer = as_alice.post(f"/staff/segments/{segment.id}/delete", follow_redirects=True)
    assert "in use" in answer.text


def test_one_that_was_ended_lets_go_of_its_segments_for_good(app, as_alice):
    goal, some = make_segment("Goal"), make_segment("Some")
    sequence = make_sequence([(0, None)], goal_id=goal.id)
    step = sequence.steps[0]
    step.segment_id = some.id
    start(sequence)
    as_alice.send(f"{page(sequence)}/end")
    data = FORM | {"topic_id": topic_id(), "goal_id": goal.id, "version": the_sequence().version}
    assert "was ended" in as_alice.send(f"{page(sequence)}/edit", data).text
    wait = {"days": "1", "at": "", "segment_id": some.id, "do": "save"}
    assert "was ended" in as_alice.send(f"{page(sequence)}/steps/{step.id}", wait).text
    for segment in (goal, some):
        assert "is deleted" in as_alice.send(f"/staff/segments/{segment.id}/delete").text


def test_one_that_was_live_can_be_ended_and_not_deleted(sequence, as_alice):
    start(sequence)
    answer = as_alice.post(f"{page(sequence)}/delete", follow_redirects=True)
    assert "stays on record" in answer.text
    as_alice.post(f"{page(sequence)}/end")
    assert the_sequence().state == "ended"


def test_a_draft_can_be_deleted_with_what_its_steps_say(sequence, as_alice):
    as_alice.post(f"{page(sequence)}/delete")
    assert db.session.query(Sequence).count() == db.session.query(SequenceStep).count() == 0


def test_a_viewer_sees_and_changes_nothing(sequence, client_of):
    viewer = client_of(factories.make_user("viewer"))
    shown = viewer.get(page(sequence)).text
    assert "Add a step" not in shown
    assert viewer.post(f"{page(sequence)}/start", data={"version": sequence.version}).status_code == 403
