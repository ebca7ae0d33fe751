"""Merge fields."""

import pytest

from crm.delivery import merge_fields
from crm.delivery.merge_fields import Field


def test_a_text_is_cut_at_its_fields():
    pieces = merge_fields.split('Dear {{ first_name | default: "friend" }}, {{city}}')
    assert pieces == ["Dear ", Field("first_name", "friend"), ", ", Field("city")]


def test_quotes_that_an_editor_changed_are_understood():
    assert merge_fields.read(" name | default: &quot;a&quot; ") == Field("name", "a")
    assert merge_fields.read(" name | default: “a” ") == Field("name", "a")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{ first_name }} {{ unsubscribe_url }}", []),
        ("{{ fist_name }}", ["{{ fist_name }}"]),
        ("{{ first_name | upper }}", ["{{ first_name | upper }}"]),
        ("{{ first_name", ["{{ first_name"]),
        ("first_name }}", ["}}"]),
        ("{ first_name }", []),
    ],
)
def test_what_is_no_known_field_is_told_as_typed(text, wrong):
    assert merge_fields.unresolved(text, {"first_name"}) == wrong


def test_a_field_can_be_filled_without_sending():
    assert merge_fields.fill('{{ a | default: "x" }}{{ b }}', {"b": "y"}) == "xy"
