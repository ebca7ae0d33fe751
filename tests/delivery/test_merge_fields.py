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


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{{ link }} {{link}}", ["link", "link"]),
        ("{{ x }} {{ link }} {{ config.items() }}", ["link"]),
        ("{{ x {{ link }}", ["link"]),
        ("{{{ link }}} {{{{ x }}}}", ["link"]),
        ("{{ {{ x }} {{}} {{", []),
    ],
)
def test_of_a_text_our_own_fields_are_left_alone_and_all_else_looks_as_it_was(text, left):
    made = merge_fields.without_others(text, {"link"})
    assert [field and field.name for _, field in merge_fields.found(made)] == left
    assert made.replace("\u2060", "") == text


def test_braces_that_never_close_are_told_at_once_however_many():
    text = "{{ first_name }}" + "{{" * 100_000
    assert merge_fields.names(text) == {"first_name"}
    assert merge_fields.unresolved(text, {"first_name"}) == ["{{" * 10]
    assert merge_fields.sub("", text) == "{{" * 100_000
    assert merge_fields.names(merge_fields.without_others(text, {"link"})) == set()
