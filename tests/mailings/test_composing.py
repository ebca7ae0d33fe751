"""Writing, saving side by side, copying, deleting."""

import pytest

from crm.mailings import composing
from tests.mailings.makers import make_mailing


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


def test_a_segment_that_is_not_there_names_those_that_are(app):
    with pytest.raises(composing.BadMailing, match="none yet"):
        composing.segment_named("Ohio")
