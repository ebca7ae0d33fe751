"""Segments are conditions as data: they find who they describe, at the moment they are asked."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from crm.base import clock
from crm.base.segment_fields import segment_fields
from crm.contacts import segments, sources
from crm.contacts.models import Contact
from crm.contacts.segments import BadDefinition
from crm.extensions import db
from tests import factories

NOW = clock.now()


@pytest.fixture
def people(app):
    """Four people, named by the first letter of their address."""
    make = factories.make_contact
    amina = make("amina@mail.example", topics={"research": "active"}, state="MA", zip_code="02116", first_name="Amina")
    amina.tags.append(factories.make_tag("Nurses"))
    amina.source_id = sources.find_or_make("member", "Harbor Clinic").id
    make("bea@mail.example", topics={"research": "pending"}, state="MA", zip_code="01850", language="es")
    make("carol@mail.example", topics={"research": "unsubscribed"}, state="NY", zip_code="10001")
    long_ago = make("dina@mail.example", organization_name="100% Care", confirmed_at=NOW - timedelta(days=90))
    long_ago.created_at = NOW - timedelta(days=100)
    db.session.commit()


def found(*conditions: tuple[str, str, str], op: str = "and", negate: bool = False) -> str:
    """Return the first letters of the addresses of those whom the conditions describe."""
    items = [{"field": field, "test": test, "value": value} for field, test, value in conditions]
    return letters({"op": op, "not": negate, "items": items})


def letters(definition: dict) -> str:
    ids = db.session.scalars(segments.select(definition)).all()
    people = db.session.scalars(db.select(Contact.email).where(Contact.id.in_(ids)))
    assert segments.count(definition) == len(ids)
    return "".join(sorted(email[0] for email in people))


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        (("status", "is", "active"), "a"),
        (("status", "is", "pending"), "b"),
        (("status", "is", "unsubscribed"), "c"),
        (("status", "is", "none"), "d"),
        (("status", "is_not", "active"), "bcd"),
        (("topic", "is", "research"), "a"),
        (("topic", "is_not", "research"), "bcd"),
        (("tag", "is", "Nurses"), "a"),
        (("tag", "is_not", "Nurses"), "bcd"),
        (("source", "is", "Harbor Clinic"), "a"),
        (("source", "is_not", "Harbor Clinic"), "bcd"),
        (("source_kind", "is", "member"), "a"),
        (("language", "is", "es"), "b"),
        (("state", "is", "MA"), "ab"),
        (("state", "is_not", "MA"), "cd"),
        (("zip", "starts", "0"), "ab"),
        (("zip", "starts", "021"), "a"),
        (("zip", "empty", ""), "d"),
        (("organization", "contains", "100% c"), "d"),
        (("organization", "contains", "%"), "d"),
        (("organization", "is", "100% care"), "d"),
        (("organization", "filled", ""), "d"),
        (("anything", "contains", "amina CONTACT 02116"), "a"),
        (("anything", "contains", "_"), ""),
        (("confirmed", "empty", ""), "bc"),
        (("confirmed", "filled", ""), "ad"),
        (("confirmed", "last_days", "30"), "a"),
        (("confirmed", "older_days", "30"), "d"),
        (("added", "before", (NOW - timedelta(days=50)).date().isoformat()), "d"),
        (("added", "since", (NOW - timedelta(days=50)).date().isoformat()), "abc"),
    ],
)
def test_each_field_finds_whom_it_describes(people, condition, who):
    assert found(condition) == who
    rest = "".join(letter for letter in "abcd" if letter not in who)
    assert found(condition, negate=True) == rest, "NOT finds everybody else, the unknown ones too"


def test_conditions_are_joined_by_and_or_and_groups(people):
    in_ma, nurse = ("state", "is", "MA"), ("tag", "is", "Nurses")
    assert found(in_ma, nurse) == "a"
    assert found(in_ma, ("state", "is", "NY"), op="or") == "abc"
    group = {"op": "or", "not": True, "items": [{"field": "tag", "test": "is", "value": "Nurses"}]}
    both = {"op": "and", "not": False, "items": [{"field": "state", "test": "is", "value": "MA"}, group]}
    assert letters(both) == "b"
    assert segments.describe(both) == "State is “MA” and (not (Tag is “Nurses”))"


def test_an_empty_segment_is_everybody(people):
    assert letters(segments.EVERYBODY) == "abcd"


def test_a_segment_is_evaluated_when_it_is_used(people):
    definition = {"op": "and", "not": False, "items": [{"field": "tag", "test": "is", "value": "Nurses"}]}
    assert letters(definition) == "a"
    bea = db.session.scalars(db.select(Contact).where(Contact.email == "bea@mail.example")).one()
    bea.tags.append(db.session.scalars(db.select(Contact).where(Contact.email == "amina@mail.example")).one().tags[0])
    db.session.flush()
    assert letters(definition) == "ab"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("nosuch", "is", "x"), "no field “nosuch”"),
        (("state", "like", "x"), "choose how to compare"),
        (("state", "is", ""), "say what to compare with"),
        (("zip", "starts", "1" * 201), "longer than 200"),
        (("added", "since", "yesterday"), "write the date like"),
        (("added", "last_days", "-1"), "number of days"),
        (("added", "last_days", "²"), "number of days"),
    ],
)
def test_a_condition_that_cannot_be_evaluated_says_what_is_wrong(app, condition, words):
    with pytest.raises(BadDefinition, match=words):
        found(condition)


@pytest.mark.parametrize(
    "definition",
    [None, [], {}, "1=1", {"op": "xor", "items": []}, {"op": "and", "items": ["1=1"]}, {"op": "and", "items": [{}]}],
)
def test_what_is_no_tree_of_conditions_is_refused(app, definition):
    with pytest.raises(BadDefinition):
        segments.check(definition)


def test_groups_and_conditions_are_bounded(app):
    deep: dict = segments.EVERYBODY
    for _ in range(5):
        deep = {"op": "and", "not": False, "items": [deep]}
    wide = {"op": "or", "items": [{"field": "state", "test": "is", "value": "MA"}] * 101}
    for definition in (deep, wide):
        with pytest.raises(BadDefinition):
            segments.check(definition)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=50))
def test_no_value_breaks_out_of_its_condition(people, value):
    dina = Contact.email == "dina@mail.example"
    db.session.execute(update(Contact).where(dina).values(organization_name=value))
    for test in ("contains", "starts", "is"):
        assert found(("organization", test, value)) == "d"
    assert found(("organization", "is_not", value)) == "abc"
    for name, field in segment_fields.items():
        for test in segments.TESTS[field.kind] if field.kind in ("text", "choice") else ():
            condition = (name, test, value)
            assert sorted(found(condition) + found(condition, negate=True)) == list("abcd"), condition
