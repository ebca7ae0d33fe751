"""Answers follow the person: into segments, files, merges, and out with them."""

import pytest

from crm.contacts import export, segments
from crm.contacts.custom_fields import answers
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import comparing, uniting
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.contacts.custom_fields.makers import make_field


def found(field, test, value=""):
    condition = {"field": f"custom_{field.key}", "test": test, "value": value}
    ids = segments.select({"op": "and", "not": False, "items": [condition]})
    return sorted(db.session.get(Contact, number).first_name for number in db.session.scalars(ids))


@pytest.fixture
def people(app):
    return {name: factories.make_contact(first_name=name) for name in ("Ana", "Ben", "Cem")}


@pytest.mark.parametrize(
    ("kind", "given", "asked", "expected"),
    [
        ("choice", {"Ana": "law", "Ben": "health"}, ("is", "law"), ["Ana"]),
        ("choice", {"Ana": "law", "Ben": "health"}, ("is_not", "law"), ["Ben", "Cem"]),
        ("several", {"Ana": ["law", "health"], "Ben": ["health"]}, ("is", "law"), ["Ana"]),
        ("several", {"Ana": ["law", "health"], "Ben": ["health"]}, ("is", "health"), ["Ana", "Ben"]),
        ("number", {"Ana": "9.5", "Ben": "12"}, ("at_least", "10"), ["Ben"]),
        ("number", {"Ana": "9.5", "Ben": "12"}, ("at_most", "100"), ["Ana", "Ben"]),
        ("date", {"Ana": "2026-01-31", "Ben": "2026-02-01"}, ("before", "2026-02-01"), ["Ana"]),
        ("date", {"Ana": "2026-01-31"}, ("empty", ""), ["Ben", "Cem"]),
        ("text", {"Ana": "Nurse", "Ben": "Night nurse"}, ("starts", "nurse"), ["Ana"]),
        ("text", {"Ana": "Nurse", "Ben": "Night nurse"}, ("is_not", "nurse"), ["Ben", "Cem"]),
        ("yes_no", {"Ana": "yes", "Ben": "no"}, ("is", "no"), ["Ben"]),
    ],
)
def test_segments_ask_for_answers(people, kind, given, asked, expected):
    field = make_field("Question", kind)
    for name, answer in given.items():
        answers.keep(people[name].id, {field.key: answer})
    assert found(field, *asked) == expected


def test_a_segment_whose_question_is_gone_says_so(app):
    condition = {"field": "custom_gone", "test": "is", "value": "x"}
    with pytest.raises(segments.BadDefinition, match="custom_gone"):
        segments.select({"op": "and", "not": False, "items": [condition]})


def test_answers_leave_in_the_export_with_their_words(people):
    field = make_field("Languages", "several", choices=["Spanish", "=Arabic"])
    answers.keep(people["Ana"].id, {field.key: ["spanish", "arabic"]})
    db.session.commit()
    lines = list(export.lines(segments.EVERYBODY))
    assert lines[0].rstrip().endswith("custom_languages")
    assert lines[1].rstrip().endswith("Spanish; =Arabic")


def test_of_two_answers_staff_choose_one_in_a_merge(people, alice):
    field, other = make_field(), make_field("Job", "text")
    kept, gone = people["Ana"], people["Ben"]
    answers.keep(kept.id, {field.key: "law"})
    answers.keep(gone.id, {field.key: "health", other.key: "Nurse"})
    db.session.commit()
    differing = comparing.differing(comparing.choices(kept, gone))
    assert ("Field of work", "Law", "Health") in [(one.label, one.kept, one.gone) for one in differing]
    uniting.merge(kept.id, gone.id, [f"custom_{field.key}"], alice)
    db.session.commit()
    assert answers.of(kept.id) == {field.key: "health", other.key: "Nurse"}


def test_who_is_forgotten_leaves_no_answer(people):
    field = make_field()
    number = people["Ana"].id
    answers.keep(number, {field.key: "law"})
    forgetting.forget(people["Ana"], "mail")
    db.session.commit()
    assert answers.of(number) == {}
