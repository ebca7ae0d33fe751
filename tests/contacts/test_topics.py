"""The default topic, and what an installation begins with."""

from crm.contacts import topics
from crm.contacts.models import Topic
from crm.extensions import db


def _standing():
    return [(topic.slug, topic.name(), topic.default) for topic in topics.everything()]


def test_a_new_installation_has_a_default_topic_as_soon_as_one_is_asked_for(bare_app):
    assert topics.default_topic() == topics.default_topic()
    assert _standing() == [("action-alerts", "Action alerts", True)]


def test_where_none_is_the_default_the_first_becomes_it(bare_app):
    topics.add({"en": "News"})
    topics.add({"en": "Webinars"})
    assert topics.default_topic().slug == "news"
    assert _standing() == [("news", "News", True), ("webinars", "Webinars", False)]


def test_the_setup_names_the_topic_anew_that_people_have_already(bare_app):
    kept = topics.default_topic().id
    topics.begin([{"en": "Calls"}, {"en": "Papers"}])
    assert _standing() == [("action-alerts", "Calls", True), ("papers", "Papers", False)]
    assert db.session.get(Topic, kept).name() == "Calls"
