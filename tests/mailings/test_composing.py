"""Writing, saving side by side, copying, deleting, testing."""

import pytest

from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import checks, composing
from tests.mailings.makers import make_mailing, make_people


def test_the_second_of_two_who_edit_learns_what_the_first_changed(app):
    mailing = make_mailing()
    composing.save(mailing, {"subject": "By Alice"}, version=1)
    with pytest.raises(composing.ChangedMeanwhile) as caught:
        composing.save(mailing, {"subject": "By Oscar"}, version=1)
    assert caught.value.now.subject == "By Alice"


def test_what_is_no_draft_cannot_be_changed_or_deleted(app):
    mailing = make_mailing()
    mailing.state = "finished"
    with pytest.raises(composing.BadMailing, match="copy it"):
        composing.save(mailing, {"subject": "x"}, version=1)
    with pytest.raises(composing.BadMailing, match="Only a draft"):
        composing.delete(mailing)


def test_a_copy_is_a_draft_of_the_same_content_and_audience(app):
    mailing = make_mailing(language="ar", audience={"people": "all"})
    mailing.state = "finished"
    copied = composing.copy(mailing)
    assert (copied.state, copied.body, copied.language) == ("draft", mailing.body, "ar")
    assert copied.audience == {"people": "all"}
    assert copied.message_ids == []


def test_a_test_goes_to_the_reviewer_filled_in_as_the_contact_and_can_unsubscribe_nobody(app):
    amina = make_people(1, first_name="Amina<b>")[0]
    mailing = make_mailing(subject="For {{ first_name }}")
    composing.send_test(mailing, "alice@bridgeway.example", amina)
    db.session.commit()
    delivery = db.session.query(Delivery).one()
    message = db.session.get(Message, delivery.message_id)
    assert delivery.address == "alice@bridgeway.example"
    assert delivery.contact_id is None
    assert delivery.merge["first_name"] == "Amina<b>"
    assert message.subject.startswith("[Test] For")
    assert message.kind == "transactional"
    assert "http://crm.example/test-link" in message.html
    assert "unsubscribe_url" not in message.html + message.text


def test_a_test_that_could_not_be_sent_says_why(app):
    mailing = make_mailing(body="{{ first_name | upper }}")
    with pytest.raises(checks.NotReady):
        composing.send_test(mailing, "alice@bridgeway.example", None)
    assert db.session.query(Delivery).count() == 0


def test_a_segment_that_is_not_there_names_those_that_are(app):
    with pytest.raises(composing.BadMailing, match="none yet"):
        composing.segment_named("Ohio")
