"""The default topic, and what an installation begins with."""

import pytest

from crm.base.changes import Collision, Refused
from crm.contacts import topics
from crm.contacts.models import Topic
from crm.extensions import db
from tests import factories


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


def test_the_setup_never_turns_what_somebody_chose_into_something_else(bare_app):
    topics.begin([{"en": "Action alerts"}, {"en": "Webinars"}, {"en": "Unused"}])
    factories.make_contact("amina@mail.example", topics={"webinars": "active"})
    topics.begin([{"en": "Calls"}, {"en": "Research"}, {"en": "webinars", "es": "Seminarios"}, {"en": "Events"}])
    assert {slug: name for slug, name, _default in _standing()} == {
        "action-alerts": "Calls",
        "webinars": "webinars",
        "unused": "Research",
        "events": "Events",
    }


def test_an_internal_topic_cannot_be_the_default(bare_app):
    with pytest.raises(Refused) as refused:
        topics.add({"en": "Board"}, public=False, default=True)
    assert refused.value.field == "public"
    news = topics.default_topic()
    with pytest.raises(Refused):
        topics.save(news, {"name_en": "News", "public": False, "default": False}, news.version)
    db.session.rollback()


def test_where_none_is_the_default_an_internal_topic_is_passed_over(bare_app):
    topics.add({"en": "Board"}, public=False)
    assert topics.present_default() is None
    topics.add({"en": "News"})
    assert topics.present_default().slug == "news"


def test_a_topic_that_ceased_to_be_the_default_is_not_saved_as_it_was(bare_app):
    """Whoever opened it before is told, and does not take the default back unseen."""
    first = topics.add({"en": "News"}, default=True)
    opened_on = first.version
    topics.add({"en": "Webinars"}, default=True)
    with pytest.raises(Collision) as collision:
        topics.save(first, {"name_en": "News", "public": True, "default": True}, opened_on)
    assert collision.value.changes[0].changes["default"] == [True, False]
