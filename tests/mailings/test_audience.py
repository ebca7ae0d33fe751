"""Who gets a mailing, and who does not."""

import pytest

from crm.contacts import consent, leaving, preferences
from crm.contacts.models import Topic
from crm.delivery import suppression
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.mailings import audience
from tests import factories
from tests.mailings.makers import make_consent, make_mailing, make_people, make_segment, topic_id


def ids(mailing):
    return set(db.session.scalars(audience.select_ids(mailing)))


def test_only_active_subscribers_of_its_topic_get_it(app):
    active = make_people(2)
    make_people(1, "pending")
    make_people(1, "unsubscribed")
    make_people(1, slug="research")
    factories.make_contact()
    nameless = make_people(1)[0]
    nameless.email = None
    db.session.commit()
    assert ids(make_mailing()) == {person.id for person in active}


def test_everyone_means_active_in_any_topic(app):
    people = [*make_people(1), *make_people(1, slug="research")]
    make_people(1, "pending", "research")
    assert ids(make_mailing(audience={"people": "all"})) == {person.id for person in people}


def test_a_segment_narrows_and_exclusions_take_away(app):
    ohio = make_people(3, state="OH")
    make_people(1, state="MI")
    make_people(1, "pending", state="OH")
    db.session.add_all(_subscription(ohio[0], "research"))
    ohio[1].state = "KY"
    kentucky = make_segment("Kentucky", state="KY")
    segment = make_segment("Ohio", state="OH")
    wanted = {"people": "topic", "segment": segment.id}
    assert ids(make_mailing(audience=wanted)) == {ohio[0].id, ohio[2].id}
    assert ids(make_mailing(audience={**wanted, "without_topics": [topic_id("research")]})) == {ohio[2].id}
    without = {"people": "topic", "without_segments": [kentucky.id, segment.id]}
    assert len(ids(make_mailing(audience=without))) == 1


def test_a_deleted_segment_is_said_and_never_widens_the_audience(app):
    make_people(2)
    segment = make_segment("Gone")
    mailing = make_mailing(audience={"people": "topic", "segment": segment.id})
    db.session.delete(segment)
    db.session.commit()
    with pytest.raises(audience.AudienceGone):
        audience.select_ids(mailing)
    assert "was deleted" in audience.reach(mailing).gone
    assert "(deleted)" in audience.describe(mailing)


def test_a_segment_of_unknown_fields_is_said(app):
    make_people(1)
    segment = make_segment("Old", shoe_size="42")
    assert "Old" in audience.reach(make_mailing(audience={"people": "all", "segment": segment.id})).gone


def test_suppressed_addresses_are_counted_apart(app):
    people = make_people(3)
    suppression.suppress(people[0].email, "hard_bounce")
    suppression.suppress(people[1].email, "unsubscribed", "research")
    db.session.commit()
    reached = audience.reach(make_mailing())
    assert (reached.recipients, reached.blocked) == (2, 1)


@pytest.mark.parametrize("kind", ["call_to_action", "sharing_tools"])
def test_influencers_are_held_out_unless_they_confirmed_the_topic_or_were_released(app, kind):
    plain, held, confirmed, imported, released = make_people(5)
    for person in (held, confirmed, imported):
        db.session.add(Influencer(contact_id=person.id, imported_facts={}))
    other = Influencer(contact_id=released.id, imported_facts={}, released_at=plain.created_at)
    db.session.add(other)
    make_consent(confirmed, "research action-alerts")
    make_consent(held, "research action-alerts-old")
    make_consent(imported, "action-alerts", method="import")
    db.session.commit()
    mailing = make_mailing(kind=kind)
    assert ids(mailing) == {plain.id, confirmed.id, released.id}
    reached = audience.reach(mailing)
    assert {influencer.contact_id for influencer in reached.held} == {held.id, imported.id}
    assert {influencer.contact_id for influencer in reached.influencers} == {confirmed.id, released.id}


@pytest.mark.parametrize("kind", ["call_to_action", "sharing_tools"])
def test_consent_that_staff_wrote_down_or_imported_is_none_of_their_own(app, kind):
    people = make_people(3, "pending")
    topic = db.session.query(Topic).filter_by(slug="action-alerts").one()
    for person, method in zip(people, ("staff", "import", "staff"), strict=True):
        db.session.add(Influencer(contact_id=person.id, committees=[], imported_facts={}))
        consent.activate(person, [topic], method=method, evidence={"statement": "On paper"}, place="here")
    db.session.commit()
    mailing = make_mailing(kind=kind)
    assert ids(mailing) == set() and len(audience.reach(mailing).held) == 3
    by_link, by_page, _ = people
    consent.give(by_link, [topic], method="double_opt_in")
    consent.give(by_page, [topic], method=preferences.METHOD)
    db.session.commit()
    assert ids(mailing) == {by_link.id, by_page.id}
    assert ids(make_mailing("research", kind=kind, audience={"people": "all", "segment": None})) == set()


def test_who_confirmed_a_topic_and_left_it_is_not_brought_back_by_staff(app):
    person = make_people(1)[0]
    topic = db.session.query(Topic).filter_by(slug="action-alerts").one()
    db.session.add(Influencer(contact_id=person.id, committees=[], imported_facts={}))
    consent.give(person, [topic], method="double_opt_in")
    leaving.unsubscribe(person, topic, method="link")
    assert consent.activate(person, [topic], method="staff", evidence={"statement": "By phone"}, place="here") == []
    db.session.commit()
    assert ids(make_mailing(kind="call_to_action")) == set()


def test_influencers_get_newsletters_like_everyone(app):
    person = make_people(1)[0]
    db.session.add(Influencer(contact_id=person.id, imported_facts={}))
    db.session.commit()
    assert ids(make_mailing(kind="newsletter")) == {person.id}


def test_the_sample_is_small_steady_and_of_recipients(app):
    people = {person.id for person in make_people(12)}
    mailing = make_mailing()
    sample = [person.id for person in audience.sample(mailing)]
    assert len(sample) == 5
    assert set(sample) <= people
    assert sample == [person.id for person in audience.sample(mailing)]


def _subscription(contact, slug):
    topic = db.session.query(Topic).filter_by(slug=slug).one()
    return [factories.Subscription(contact=contact, topic=topic, state="active", since=factories.clock.now())]
