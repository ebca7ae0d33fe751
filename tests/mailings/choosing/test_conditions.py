"""Audiences of several topics and segments, and whom a mailing leaves out itself."""

import pytest

from crm.contacts.merging.models import MergedContact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.choosing import wanted
from crm.mailings.choosing.wanted import Wanted
from tests import factories
from tests.mailings.capping.makers import reached, release, sent_before
from tests.mailings.makers import make_mailing, make_segment, topic_id


def who(**chosen) -> set[int]:
    mailing = make_mailing(audience=Wanted(**chosen).kept())
    return set(db.session.scalars(audience.select_ids(mailing)))


@pytest.fixture
def people(app):
    """Amina gets both topics, Bea research, Carol alerts, Dina webinars; Amina and Bea are of Ohio."""
    make = factories.make_contact
    topics = {"action-alerts": "active", "research": "active"}
    found = {
        "amina": make("amina@mail.example", topics=topics, state="OH"),
        "bea": make("bea@mail.example", topics={"research": "active"}, state="OH", city="Dayton"),
        "carol": make("carol@mail.example", topics={"action-alerts": "active"}, city="Dayton"),
        "dina": make("dina@mail.example", topics={"webinars": "active", "research": "pending"}),
    }
    db.session.commit()
    return {name: one.id for name, one in found.items()}


def named(people, ids) -> str:
    return "".join(sorted(name[0] for name, number in people.items() if number in ids))


def test_any_or_all_of_several_topics(people):
    topics = [topic_id("action-alerts"), topic_id("research")]
    assert named(people, who(people="topics", topics=topics)) == "abc"
    assert named(people, who(people="topics", topics=topics, topics_match="all")) == "a"
    assert named(people, who(people="topic")) == "ac"
    assert named(people, who(people="all")) == "abcd"


def test_any_or_all_of_several_segments(people):
    segments = [make_segment("Ohio", state="OH").id, make_segment("Dayton", city="Dayton").id]
    assert named(people, who(people="all", segments=segments)) == "abc"
    assert named(people, who(people="all", segments=segments, segments_match="all")) == "b"
    assert named(people, who(people="all", segments=segments[:1], without_segments=segments[1:])) == "a"


def test_a_draft_of_one_segment_is_read_as_before(people):
    segment = make_segment("Ohio", state="OH")
    mailing = make_mailing(audience={"people": "all", "segment": segment.id, "without_topics": [topic_id()]})
    assert named(people, set(db.session.scalars(audience.select_ids(mailing)))) == "b"
    assert wanted.of(mailing).segments == [segment.id]
    assert wanted.of(make_mailing(audience={"people": "topic", "segment": None})) == Wanted()
    assert wanted.of(make_mailing(audience={})) == Wanted()


def test_without_those_who_got_another_mailing(people):
    carol = db.session.get(factories.Contact, people["carol"])
    before = sent_before(carol)
    assert named(people, who(without_mailings=[before.id])) == "a"
    db.session.query(Delivery).update({"state": "failed"})
    assert named(people, who(without_mailings=[before.id])) == "ac"


def test_without_single_people_who_stay_left_out_when_records_are_merged(people):
    assert named(people, who(without_people=[people["amina"]])) == "c"
    factories.add(MergedContact(gone_id=9999, contact_id=people["carol"], share_code="x", merged_by="Alice"))
    assert named(people, who(without_people=[9999])) == "a"


def test_a_deleted_topic_never_widens_or_narrows_an_audience_silently(people):
    mailing = make_mailing(audience=Wanted(people="topics", topics=[topic_id("research"), 999]).kept())
    assert "was deleted" in audience.reach(mailing).gone
    assert "(deleted)" in audience.describe(mailing)
    nothing = make_mailing(audience=Wanted(people="topics").kept())
    assert "none is chosen" in audience.reach(nothing).gone


def test_it_is_looked_at_again_when_the_mailing_goes(people):
    segment = make_segment("Ohio", state="OH")
    got = make_mailing(subject="Before", audience={"people": "topics", "topics": [topic_id("webinars")]})
    topics = [topic_id("action-alerts"), topic_id("research")]
    chosen = Wanted(people="topics", topics=topics, segments=[segment.id], without_mailings=[got.id])
    mailing = make_mailing(audience=chosen.kept())
    assert audience.reach(mailing).recipients == 2
    for name, values in {"amina": {"state": "MI"}, "carol": {"state": "OH"}}.items():
        for column, value in values.items():
            setattr(db.session.get(factories.Contact, people[name]), column, value)
    sent_before(db.session.get(factories.Contact, people["bea"]), subject="Unrelated", slug="research")
    assert reached(release(mailing)) == {"bea@mail.example", "carol@mail.example"}


def test_one_whose_segment_was_deleted_is_held_and_nobody_gets_it(people):
    segment = make_segment("Ohio", state="OH")
    mailing = make_mailing(audience=Wanted(segments=[segment.id]).kept())
    db.session.delete(segment)
    db.session.commit()
    assert "was deleted" in audience.reach(mailing, counted=False).gone


def test_the_audience_in_words(people):
    topics = [topic_id("action-alerts"), topic_id("research")]
    ohio, dayton = make_segment("Ohio", state="OH"), make_segment("Dayton", city="Dayton")
    chosen = Wanted(
        people="topics",
        topics=topics,
        topics_match="all",
        segments=[ohio.id, dayton.id],
        without_topics=[topic_id("webinars")],
        without_mailings=[make_mailing(subject="Earlier").id],
        without_people=[people["amina"]],
    )
    words = audience.describe(make_mailing(audience=chosen.kept()))
    assert words == (
        "People with an active subscription to all of Action alerts, Research in any of the segments Ohio, Dayton, "
        "without those with an active subscription to Webinars and those who got “Earlier” and 1 named person"
    )
