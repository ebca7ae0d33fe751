"""Consent rises only by evidence, and never over somebody's no."""

from datetime import UTC, datetime

import pytest

from crm.contacts import consent, subscriptions
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, person, records, topics_of

EVIDENCE = {"column": "CONFIRM_TIME", "value": "2025-03-01 10:00"}


def topics(*slugs):
    return list(subscriptions.named(slugs))


def activate(contact, *slugs, evidence=EVIDENCE, **more):
    found = consent.activate(contact, topics(*slugs), method="import", evidence=evidence, place="people.csv", **more)
    db.session.commit()
    return [topic.slug for topic in found]


def test_evidence_makes_active_and_is_kept(app):
    contact = factories.make_contact(AMINA)
    at = datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert activate(contact, "research", "webinars", at=at, actor="alice@bridgeway.example") == ["research", "webinars"]
    assert topics_of() == {"research": "active", "webinars": "active"}
    assert person().confirmed_at == at
    record = records()[0]
    assert (record.act, record.method, record.topics, record.evidence) == (
        "given",
        "import",
        "research webinars",
        EVIDENCE,
    )
    assert (record.at, record.actor) == (at, "alice@bridgeway.example")


@pytest.mark.parametrize("evidence", [{}, {"column": ""}])
def test_nobody_is_made_active_without_evidence(app, evidence):
    contact = factories.make_contact(AMINA)
    with pytest.raises(consent.NoEvidence):
        activate(contact, "research", evidence=evidence)
    assert topics_of() == {}


def test_doing_it_again_changes_nothing(app):
    contact = factories.make_contact(AMINA)
    assert activate(contact, "research") == ["research"]
    assert activate(contact, "research") == []
    assert len(records()) == 1


def test_a_pending_sign_up_may_be_raised_by_evidence(app):
    contact = factories.make_contact(AMINA, topics={"research": "pending"})
    assert activate(contact, "research") == ["research"]


def test_what_somebody_left_stays_left(app):
    contact = factories.make_contact(AMINA, topics={"research": "unsubscribed"})
    assert activate(contact, "research", "webinars") == ["webinars"]
    assert topics_of() == {"research": "unsubscribed", "webinars": "active"}


@pytest.mark.parametrize("reason", ["unsubscribe", "hard_bounce", "complaint", "erased"])
def test_a_suppressed_address_is_never_raised(app, reason):
    contact = factories.make_contact(AMINA)
    suppression.suppress(AMINA, reason)
    assert activate(contact, "research") == []
    assert topics_of() == {} and records() == [] and person().confirmed_at is None


def test_a_suppressed_topic_stays_so_and_the_others_may_rise(app):
    contact = factories.make_contact(AMINA)
    suppression.suppress(AMINA, "unsubscribe", "research")
    assert activate(contact, "research", "webinars") == ["webinars"]


def test_a_contact_without_an_address_is_left_alone(app):
    contact = Contact(first_name="Nobody")
    db.session.add(contact)
    db.session.flush()
    assert activate(contact, "research") == []


def test_many_are_raised_with_few_statements(app):
    contacts = [factories.make_contact() for _ in range(1200)]
    suppression.suppress(contacts[0].email, "unsubscribe")
    grants = [consent.Grant(contact, topics("research"), EVIDENCE) for contact in contacts]
    raised = consent.activate_all(grants, method="import", place="people.csv")
    db.session.commit()
    assert raised[0] == [] and sum(len(found) for found in raised) == 1199
    research = topics("research")[0]
    assert len(db.session.scalars(subscriptions.active(research)).all()) == 1199


def test_records_outlive_the_contact(app):
    contact = factories.make_contact(AMINA)
    activate(contact, "research")
    record = records()[0]
    db.session.delete(contact)
    db.session.commit()
    db.session.refresh(record)
    assert record.contact_id is None
    assert record.address_hash == suppression.address_hash(AMINA)
