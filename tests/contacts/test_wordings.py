"""Wordings are kept word for word, and live only when a named person stands for them."""

import pytest

from crm.contacts import wordings
from crm.extensions import db


def test_setting_up_makes_the_english_wording_live_and_keeps_drafts(bare_app):
    wordings.adopt("Bridgeway", reviewed_by="Alice Admin")
    db.session.commit()
    live = wordings.current("en")
    assert live.reviewed_by == "Alice Admin" and "Bridgeway" in live.text
    assert wordings.current("es") == live and wordings.current("ar") == live


def test_a_draft_cannot_go_live(bare_app):
    draft = wordings.draft("es", "Acepto.")
    with pytest.raises(wordings.NotReviewed):
        wordings.go_live(draft)


def test_a_reviewed_wording_replaces_the_one_before_and_both_are_kept(bare_app):
    first = wordings.adopt("Bridgeway", reviewed_by="Alice Admin")
    second = wordings.draft("en", "I agree, in other words.")
    wordings.review(second, "Alice Admin")
    wordings.go_live(second)
    db.session.commit()
    db.session.refresh(first)
    assert wordings.current("en") == second
    assert not first.live and first.text == wordings.proposal("en", "Bridgeway")


def test_the_same_words_are_stored_once(bare_app):
    assert wordings.draft("en", "Yes.") is wordings.draft("en", "Yes.")
    assert wordings.draft("en", "Yes.").digest != wordings.draft("en", "Yes. ").digest


def test_adopting_twice_changes_nothing(bare_app):
    assert wordings.adopt("Bridgeway", "Alice Admin").id == wordings.adopt("Bridgeway", "Alice Admin").id
