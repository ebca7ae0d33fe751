"""The staff pages of segments work without scripts: every change of the tree is a button."""

import pytest
from sqlalchemy import select

from crm.contacts import segment_form
from crm.contacts.models import Segment
from crm.extensions import db
from tests import factories
from tests.mailings.makers import make_mailing


@pytest.fixture
def people(app):
    factories.make_contact("amina@mail.example", topics={"research": "active"}, state="MA")
    factories.make_contact("bea@mail.example", state="MA")
    factories.make_contact("carol@mail.example", state="NY")
    db.session.commit()


def fields(definition: dict, path: str = "g") -> dict[str, str]:
    """Spell a definition as the form does."""
    spelled = {f"{path}.kind": "group", f"{path}.op": definition["op"], f"{path}.n": str(len(definition["items"]))}
    if definition["not"]:
        spelled[f"{path}.not"] = "1"
    for place, item in enumerate(definition["items"]):
        under = f"{path}.{place}"
        spelled |= fields(item, under) if "items" in item else {f"{under}.{k}": v for k, v in item.items()}
    return spelled


def group(*items: dict, op: str = "and", negate: bool = False) -> dict:
    return {"op": op, "not": negate, "items": list(items)}


IN_MA = {"field": "state", "test": "is", "value": "MA"}
RESEARCH = {"field": "topic", "test": "is", "value": "research"}


def test_the_list_is_empty_at_first_and_says_what_a_segment_is(app, as_oscar, as_bob):
    assert "Make the first one" in as_oscar.page("/staff/segments/").text
    assert "Make the first one" not in as_bob.page("/staff/segments/").text


def test_the_filter_of_the_list_becomes_a_segment(people, as_oscar):
    page = as_oscar.page("/staff/segments/new?state=MA&topic=research").text
    assert "1 person now" in page
    assert "amina@mail.example" in page
    definition = group(RESEARCH, IN_MA)
    page = as_oscar.send("/staff/segments/new", {"name": "MA research", "do": "save", **fields(definition)}).text
    assert "“MA research” describes 1 people now" in page
    segment = db.session.scalars(select(Segment)).one()
    assert segment.definition == definition
    assert segment.created_by == "oscar@bridgeway.example"
    assert "Gets topic is “Research” and State is “MA”" in as_oscar.page("/staff/segments/").text
    assert "amina@mail.example" in as_oscar.page(f"/staff/people/?segment={segment.id}").text


def test_conditions_and_groups_are_added_and_removed_by_buttons(people, as_oscar):
    typed = {"name": "Typed", **fields(group(IN_MA))}
    page = as_oscar.send("/staff/segments/new", {**typed, "do": "condition:g"}).text
    assert 'name="g.1.field"' in page
    page = as_oscar.send("/staff/segments/new", {**typed, "do": "group:g"}).text
    assert 'name="g.1.0.field"' in page
    assert 'value="Typed"' in page
    page = as_oscar.send("/staff/segments/new", {**typed, "do": "remove:g.0"}).text
    assert "3 people now" in page
    assert db.session.scalars(select(Segment)).all() == []


def test_changing_the_field_changes_what_can_be_asked(people, as_oscar):
    odd = {"field": "added", "test": "is", "value": "MA"}
    page = as_oscar.send("/staff/segments/new", {"name": "x", **fields(group(odd)), "do": "show"}).text
    assert "on or after" in page
    assert 'type="date"' in page


def test_with_scripts_only_the_form_is_exchanged(people, as_oscar):
    typed = {"name": "x", **fields(group(IN_MA))}
    answer = as_oscar.post("/staff/segments/new", data=typed, headers={"HX-Request": "true"}).text
    assert answer.lstrip().startswith("<form")
    assert "2 people now" in answer


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " "}, "Give the segment a name"),
        ({"name": "x" * 201}, "Give the segment a name"),
        ({"name": "Taken"}, "There is a segment “Taken” already"),
        ({"name": "x", **fields(group({"field": "zip", "test": "starts", "value": ""}))}, "say what to compare with"),
        ({"name": "x", **fields(group({"field": "gone", "test": "is", "value": "1"}))}, "no field “gone”"),
    ],
)
def test_what_cannot_be_saved_is_named_and_nothing_typed_is_lost(people, as_oscar, values, words):
    factories.add(Segment(name="Taken", definition=group()))
    db.session.commit()
    page = as_oscar.send("/staff/segments/new", {**values, "do": "save"}).text
    assert words in page
    assert "<title>Error:" in page
    assert len(db.session.scalars(select(Segment)).all()) == 1


def test_a_segment_changed_by_somebody_else_is_not_overwritten_unseen(people, as_oscar):
    segment = factories.add(Segment(name="MA", definition=group(IN_MA)))
    db.session.commit()
    address = f"/staff/segments/{segment.id}"
    version = segment.updated_at.isoformat()
    as_oscar.send(address, {"name": "Bay State", "version": version, "do": "save", **fields(group(IN_MA))})
    page = as_oscar.send(address, {"name": "Mine", "version": version, "do": "save", **fields(group())}).text
    assert "Somebody else has changed this segment" in page
    assert 'value="Mine"' in page
    assert db.session.scalars(select(Segment.name)).all() == ["Bay State"]


def test_a_segment_can_be_deleted(people, as_oscar):
    segment = factories.add(Segment(name="MA", definition=group(IN_MA)))
    db.session.commit()
    as_oscar.send(f"/staff/segments/{segment.id}/delete")
    assert db.session.scalars(select(Segment)).all() == []


def test_another_field_begins_with_a_value_of_its_own(app):
    typed = fields(group({"field": "topic", "test": "is", "value": "active"})) | {"g.0.was": "status"}
    [condition] = segment_form.read(typed)["items"]
    assert condition == {"field": "topic", "test": "is", "value": "action-alerts"}
    typed["g.0.was"] = "topic"
    assert segment_form.read(typed)["items"][0]["value"] == "active"


@pytest.mark.parametrize("named", ["segment", "without_segments"])
def test_a_segment_that_a_mailing_names_stays_and_leads_to_the_mailing(people, as_oscar, named):
    segment = factories.add(Segment(name="MA", definition=group(IN_MA)))
    db.session.commit()
    value = segment.id if named == "segment" else [segment.id]
    mailing = make_mailing(subject="Hearing on Tuesday", audience={"people": "all", "segment": None, named: value})
    page = as_oscar.send(f"/staff/segments/{segment.id}/delete").text
    assert "The segment stays" in page
    assert "the mailing “Hearing on Tuesday”" in page
    assert f'href="/staff/mailings/{mailing.id}/edit"' in page
    assert "Delete this segment" not in page
    assert db.session.scalars(select(Segment.id)).all() == [segment.id]


@pytest.mark.parametrize("state", ["finished", "canceled"])
def test_a_mailing_that_is_over_holds_no_segment(people, as_oscar, state):
    segment = factories.add(Segment(name="MA", definition=group(IN_MA)))
    db.session.commit()
    mailing = make_mailing(audience={"people": "all", "segment": segment.id})
    mailing.state = state
    db.session.commit()
    as_oscar.send(f"/staff/segments/{segment.id}/delete")
    assert db.session.scalars(select(Segment)).all() == []


def test_a_segment_whose_field_is_gone_is_shown_as_broken(people, as_oscar):
    segment = factories.add(Segment(name="Old", definition=group({"field": "gone", "test": "is", "value": "1"})))
    db.session.commit()
    assert "There is no field “gone” any more" in as_oscar.page("/staff/segments/").text
    assert "Remove this condition" in as_oscar.page(f"/staff/segments/{segment.id}").text


def test_reading_the_form_gives_the_tree_that_was_written(app):
    tree = group(IN_MA, group(RESEARCH, IN_MA, op="or", negate=True), op="and")
    assert segment_form.read(fields(tree)) == tree


@pytest.mark.parametrize("do", ["", "remove:g", "remove:g.9", "remove:x", "group:g.0", "condition:g.²", "drop:g.0"])
def test_a_button_that_is_not_known_changes_nothing(app, do):
    assert segment_form.apply(group(dict(IN_MA)), do) == group(IN_MA)


def test_groups_stand_in_each_other_only_so_deep(app):
    tree = group(group(group(group())))
    assert segment_form.apply(tree, "group:g.0.0.0") == tree
    assert segment_form.apply(tree, "condition:g.0.0.0")["items"][0]["items"][0]["items"][0]["items"] != []
