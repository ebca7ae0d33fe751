"""Questions that staff write, and what is never asked."""

import pytest

from crm.base.changes import Refused
from crm.contacts.custom_fields import answers, kinds, never_asked, questions
from crm.contacts.custom_fields.models import CustomField
from crm.contacts.models import Segment
from crm.extensions import db
from tests import factories
from tests.contacts.custom_fields.makers import make_field
from tests.mailings.makers import make_segment


@pytest.mark.parametrize(
    "words",
    [
        "Immigration status",
        "What is your nationality?",
        "Country of origin",
        "In which country were you born?",
        "Are you a U.S. citizen?",
        "Green card holder",
        "¿Cuál es su nacionalidad?",
        "País de origen",
        "Situación migratoria",
        "Estatus migratorio",
        "ما هي جنسيتك؟",
        "بلد المنشأ",
        "بلد الأصل",
        "وضع الهجرة",
    ],
)
def test_nobody_can_ask_for_status_or_origin(words):
    assert never_asked.found([words]) == words


@pytest.mark.parametrize(
    "words",
    [
        "Field of work",
        "Refugee resettlement agency",
        "Immigrant professionals served",
        "Languages that you speak",
        "País donde vive",
        "Where do you work?",
        "Native plants garden",
        "Employment status",
        "مكان العمل",
        "Where did you hear of us?",
    ],
)
def test_other_questions_can_be_asked(words):
    assert never_asked.found([words]) == ""


def test_a_refused_question_says_why(app):
    with pytest.raises(Refused, match="could be used against"):
        make_field("Country of origin", "text")
    with pytest.raises(Refused, match="could be used against"):
        make_field("Which fits?", choices=["Green card holder", "Other"])


@pytest.mark.parametrize(
    ("kind", "typed", "answer"),
    [
        ("number", "٤٢", "42"),
        ("number", "12.50", "12.5"),
        ("date", "2026-11-30", "2026-11-30"),
        ("zip", " 02110 ", "02110"),
        ("zip", "٠٢١١٠", "02110"),
        ("zip", "K1A 0B1", "K1A 0B1"),
        ("text", "  José 🎓  𠮷 ", "José 🎓 𠮷"),
        ("yes_no", "yes", "yes"),
        ("long_text", "one\r\n\r\n two", "one\n\ntwo"),
    ],
)
def test_answers_are_read_as_people_type_them(app, kind, typed, answer):
    assert kinds.read(make_field("Question", kind), typed) == answer


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "1,200"),
        ("number", "many"),
        ("date", "11/30/2026"),
        ("date", "0001-01-01"),
        ("choice", "x"),
        ("zip", "abc"),
    ],
)
def test_answers_of_another_kind_are_refused(app, kind, typed):
    with pytest.raises(kinds.BadAnswer):
        kinds.read(make_field("Question", kind), typed)


def test_a_choice_that_somebody_made_outlives_its_line(app):
    field, person = make_field(), factories.make_contact()
    answers.keep(person.id, {field.key: "law"})
    texts = {f"{part}_{code}": "" for part in ("hint",) for code in ("en", "es", "ar")}
    left = [choice for choice in field.choices if choice["key"] not in ("law", "health")] + [{"en": "Other"}]
    values = {**texts, "label_en": "Field", "label_es": "", "label_ar": "", "choices": left, "in_use": True}
    questions.save(field, values, field.version)
    db.session.commit()
    assert [choice["en"] for choice in field.offered()] == ["Teaching", "Other"]
    assert answers.shown(person.id) == [("Field", "Law")]
    with pytest.raises(kinds.BadAnswer):
        kinds.read(field, "law")


def test_deleting_a_question_takes_the_answers_with_it(app):
    field, person = make_field(), factories.make_contact()
    answers.keep(person.id, {field.key: "law"})
    assert questions.remove(field) == 1
    db.session.commit()
    assert (answers.of(person.id), db.session.query(CustomField).count()) == ({}, 0)


def test_a_question_that_a_segment_asks_for_stays_until_it_is_taken_out_there(as_alice):
    field = make_field()
    inner = {"field": f"custom_{field.key}", "test": "is", "value": "law"}
    group = {"op": "or", "not": False, "items": [inner]}
    lawyers = Segment(name="Lawyers", definition={"op": "and", "not": False, "items": [group]})
    asked = make_segment("Asked", answered=field.key)
    db.session.add(lawyers)
    db.session.commit()
    delete = f"/staff/people/fields/{field.id}/delete"
    assert "could not be used without it: “Asked”, “Lawyers”" in as_alice.send(delete).text
    assert db.session.query(CustomField).count() == 1
    lawyers.definition = asked.definition = {"op": "and", "not": False, "items": []}
    db.session.commit()
    assert "are deleted" in as_alice.send(delete).text
    assert db.session.query(CustomField).count() == 0


def test_a_segment_that_asks_for_another_question_keeps_none(app):
    field, other = make_field(), make_field("Another")
    make_segment("Asked", answered=other.key)
    make_segment("Lawyers", **{f"custom_{other.key}": "law"})
    assert questions.remove(field) == 0
