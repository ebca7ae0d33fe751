"""Signed links."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm.base import signing


def test_a_token_gives_back_its_subject(app):
    assert signing.read("unsubscribe", signing.sign("unsubscribe", "7:action-alerts")) == "7:action-alerts"


def test_a_token_for_another_purpose_is_refused(app):
    with pytest.raises(signing.InvalidToken):
        signing.read("confirm", signing.sign("unsubscribe", "7"))


def test_an_old_token_tells_for_whom_it_was_made(app):
    token = signing.sign("confirm", "7", dated=True)
    assert signing.read("confirm", token, max_age=timedelta(days=7)) == "7"
    with pytest.raises(signing.ExpiredToken) as caught:
        signing.read("confirm", token, max_age=timedelta(seconds=-1))
    assert caught.value.subject == "7"
    subject, age = signing.read_dated("confirm", token)
    assert subject == "7" and 0 <= age < 60
    with pytest.raises(signing.InvalidToken):
        signing.read_dated("confirm", signing.sign("confirm", "7"))


@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 200), letter=st.characters(codec="ascii"))
def test_a_changed_token_is_refused(app, position, letter):
    token = signing.sign("confirm", "1234")
    position %= len(token)
    changed = token[:position] + letter + token[position + 1 :]
    if changed != token:
        with pytest.raises(signing.InvalidToken):
            signing.read("confirm", changed)
