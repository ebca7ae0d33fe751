"""Asks: allowed steps, reasons, evidence, history, and two people at one ask."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from crm.base.changes import Collision, untouched
from crm.contacts.models import TimelineEntry
from crm.delivery import outbox
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.changes import in_words
from tests import factories

EVIDENCE = "https://example.org/video"


def test_an_ask_goes_from_planned_to_delivered_and_its_history_is_complete(app, oscar, alice):
    ask = factories.make_ask(user=oscar)
    asks.advance(ask, "made", oscar)
    asks.advance(ask, "agreed", alice, outcome="She will speak first")
    asks.advance(ask, "delivered", oscar, evidence_url=EVIDENCE)
    db.session.commit()
    db.session.refresh(ask)
    assert (ask.state, ask.evidence_url, ask.outcome) == ("delivered", EVIDENCE, "She will speak first")
    assert [(c.old_state, c.new_state, c.user_id) for c in ask.history] == [
        ("", "planned", oscar.id),
        ("planned", "made", oscar.id),
        ("made", "agreed", alice.id),
        ("agreed", "delivered", oscar.id),
    ]
    assert ask.history[-1].changes == {"evidence_url": [None, EVIDENCE]}
    titles = db.session.scalars(select(TimelineEntry.title).where(TimelineEntry.kind == "ask")).all()
    assert [title.partition(":")[0] for title in titles] == ["Ask planned", "Ask made", "Ask agreed", "Ask delivered"]


@pytest.mark.parametrize(
    ("state", "to"), [("planned", "agreed"), ("planned", "delivered"), ("made", "delivered"), ("declined", "agreed")]
)
def test_a_step_that_is_not_allowed_says_which_are(app, oscar, state, to):
    ask = factories.make_ask(user=oscar)
    ask.state = state
    with pytest.raises(asks.Refused, match="Possible:"):
        asks.advance(ask, to, oscar, reason="because", evidence_url=EVIDENCE)
    assert len(ask.history) == 1


def test_every_state_has_a_way_out_and_leads_to_states_that_there_are():
    assert set(asks.STEPS) == set(asks.STATES)
    assert all(steps and {step.to for step in steps} <= set(asks.STATES) for steps in asks.STEPS.values())


@pytest.mark.parametrize(
    ("state", "to"), [("made", "declined"), ("made", "planned"), ("agreed", "made"), ("delivered", "agreed")]
)
def test_going_back_or_being_declined_needs_a_reason(app, oscar, state, to):
    ask = factories.make_ask(user=oscar)
    ask.state = state
    with pytest.raises(asks.Refused) as refusal:
        asks.advance(ask, to, oscar, reason="  ")
    assert refusal.value.field == "reason"
    assert asks.advance(ask, to, oscar, reason="The date was moved").reason == "The date was moved"


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "ftp://example.org/a", "example.org", "https://"])
def test_delivery_needs_evidence_that_is_a_web_link(app, oscar, link):
    ask = factories.make_ask(user=oscar)
    ask.state = "agreed"
    with pytest.raises(asks.Refused) as refusal:
        asks.advance(ask, "delivered", oscar, evidence_url=link)
    assert refusal.value.field == "evidence_url"
    assert ask.state == "agreed"


def test_an_edit_keeps_the_old_and_the_new_value(app, oscar, alice):
    ask = factories.make_ask(user=oscar, value=Decimal("500"), unit="usd")
    values = {"due_on": date(2027, 1, 5), "owner_id": alice.id, "value": Decimal("500.00"), "unit": "usd"}
    change = asks.edit(ask, values, oscar, expected_version=1)
    assert change.changes == {"due_on": [None, "2027-01-05"], "owner_id": [None, alice.id]}
    assert in_words(change.changes) == [("Due date", "nothing", "2027-01-05"), ("Owner", "nothing", "Alice Admin")]


def test_an_edit_that_changes_nothing_keeps_nothing(app, oscar):
    ask = factories.make_ask(user=oscar)
    assert asks.edit(ask, {"title": ask.title, "detail": ""}, oscar, expected_version=1) is None
    assert ask.version == 1


def test_the_second_editor_learns_what_the_first_changed_and_keeps_it_where_untouched(app, oscar, alice):
    ask = factories.make_ask(user=oscar, title="Speak", detail="At noon")
    asks.edit(ask, {"title": "Speak first", "detail": "At noon"}, alice, expected_version=1)
    typed = {"title": "Speak", "detail": "At one"}
    with pytest.raises(Collision) as collision:
        asks.edit(ask, typed, oscar, expected_version=1)
    assert untouched(typed, [ask], collision.value.changes) == {"title": "Speak first"}
    assert ask.detail == "At noon"


def test_a_step_taken_on_a_changed_ask_is_not_taken(app, oscar, alice):
    ask = factories.make_ask(user=oscar)
    asks.advance(ask, "made", alice, expected_version=1)
    with pytest.raises(Collision):
        asks.advance(ask, "lapsed", oscar, expected_version=1)
    assert ask.state == "made"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"category": "money"}, "category"),
        ({"evidence_url": "notes.docx"}, "evidence_url"),
        ({"value": Decimal(5), "unit": ""}, "unit"),
    ],
)
def test_an_ask_with_a_value_that_cannot_stand_is_refused(app, oscar, values, field):
    with pytest.raises(asks.Refused) as refusal:
        factories.make_ask(user=oscar, **values)
    assert refusal.value.field == field


def test_a_delivered_ask_keeps_its_evidence(app, oscar):
    ask = factories.make_ask(user=oscar, evidence_url=EVIDENCE)
    ask.state = "delivered"
    with pytest.raises(asks.Refused, match="keeps its evidence"):
        asks.edit(ask, {"evidence_url": ""}, oscar, expected_version=1)


def queue(about, number, **values):
    """Queue so many letters about something, and return their message."""
    message = outbox.write("Please", "<p>Please</p>", "Please", sender="Iris <iris@bridgeway.example>")
    for place in range(number):
        outbox.queue(message, f"{about.replace(':', '-')}-{place}@mail.example", about=about)
    db.session.execute(update(Delivery).where(Delivery.message_id == message.id).values(**values or {"attempts": 0}))
    return message


def test_an_agreed_ask_cancels_what_is_queued_about_it_and_nothing_else(app, oscar, sink, deliver):
    ask, other = factories.make_ask(user=oscar), factories.make_ask(user=oscar)
    asks.advance(ask, "made", oscar)
    queued, deferred = queue(f"ask:{ask.id}", 2), queue(f"ask:{ask.id}", 1, state="deferred")
    sent, others = queue(f"ask:{ask.id}", 1, state="sent"), queue(f"ask:{other.id}", 1)
    change = asks.advance(ask, "agreed", oscar)
    assert [outbox.counts(message.id)["canceled"] for message in (queued, deferred, sent, others)] == [2, 1, 0, 0]
    assert in_words(change.changes) == [("Mails queued about it", "3", "0")]
    titles = db.session.scalars(select(TimelineEntry.title).order_by(TimelineEntry.id)).all()
    assert titles[-1] == "Ask agreed: Speak at the spring forum. 3 mails queued about it are canceled"
    assert [mail.recipient for mail in deliver()] == [f"ask-{other.id}-0@mail.example"]


def test_what_is_queued_stays_where_the_step_is_not_taken_after_all(app, oscar, alice):
    ask = factories.make_ask(user=oscar)
    asks.advance(ask, "made", oscar)
    message = queue(f"ask:{ask.id}", 1)
    db.session.commit()
    asks.advance(ask, "agreed", oscar)
    db.session.rollback()
    with pytest.raises(Collision):
        asks.advance(ask, "agreed", oscar, expected_version=1)
    assert outbox.counts(message.id)["queued"] == 1


def test_other_steps_cancel_nothing_and_no_timeline_speaks_of_mails(app, oscar):
    ask = factories.make_ask(user=oscar)
    message = queue(f"ask:{ask.id}", 1)
    asks.advance(ask, "made", oscar)
    asks.advance(ask, "declined", oscar, reason="No")
    assert outbox.counts(message.id)["queued"] == 1
    assert not any("mail" in title for title in db.session.scalars(select(TimelineEntry.title)))


def test_an_ask_is_private_until_somebody_says_otherwise(app, oscar):
    ask = factories.make_ask(user=oscar)
    assert ask.public_at is None
    asks.allow_public(ask, True, oscar)
    assert ask.public_by_id == oscar.id and ask.public_at
    asks.allow_public(ask, False, oscar)
    assert ask.public_at is None
    assert [c.changes for c in ask.history[1:]] == [{"may_be_public": [False, True]}, {"may_be_public": [True, False]}]
