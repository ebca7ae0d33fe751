"""Merge fields."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.delivery import merge_fields
from crm.delivery.merge_fields import Field

TORN = [
    "{",
    "{{",
    "}",
    "}}",
    "link",
    " x ",
    "|default:",
    '"',
    "'",
    "“",
    "”",
    "&quot;",
    "&rdquo",
    "&#123;",
    "&nbsp;",
    "&#",
    ";",
    "\n",
]
WHOLE = ["{{ link }}", "{{x}}", '{{ link | default: "', "{{ link | default:“", "{{x|default:'", '" }}', "”}}", "'}}"]


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


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(TORN + WHOLE), max_size=14).map("".join))
def test_of_any_text_the_first_field_of_ours_up_to_the_next_braces_that_close_is_left_alone(text):
    assert merge_fields.without_others(text, {"link"}) == one_by_one(text, {"link"})


def one_by_one(text: str, ours: set[str]) -> str:
    """The rule as it is thought: from each pair that opens, one after the other, to the next that closes."""
    made, at = "", 0
    while (begin := text.find("{{", at)) >= 0 and (end := text.find("}}", begin + 2)) >= 0:
        field = merge_fields.read(text[begin + 2 : end])
        if field and field.name in ours:
            made += text[at : end + 2]
            at = end + 2
        else:
            made += text[at : begin + 1] + "\u2060"
            at = begin + 1
    return made + text[at:]


@pytest.mark.parametrize(
    "opens", ["{{", "{{ ", "{{ x", "{{link|default:“", '{{link|default:"', "{{link|default:'{{x|default:“"]
)
@pytest.mark.parametrize("closes", ["}}", "”}}", '"}}', "link }}", " }} }}"])
def test_braces_of_which_one_pair_closes_at_the_end_are_told_at_once_however_many(opens, closes):
    began = time.process_time()
    made = merge_fields.without_others(opens * 50_000 + closes, {"link"})
    assert time.process_time() - began < 5
    assert made.replace("\u2060", "") == opens * 50_000 + closes
