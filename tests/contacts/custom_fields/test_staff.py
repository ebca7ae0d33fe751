"""Pages of questions and answers; an import brings answers too."""

from crm.contacts.custom_fields import answers, questions
from tests import factories
from tests.contacts.custom_fields.makers import make_field
from tests.contacts.people import hidden, person
from tests.transfer.files import bring_in


def test_staff_write_a_question_with_choices_without_code(as_alice):
    assert "No questions of your own yet" in as_alice.page("/staff/people/fields/").text
    as_alice.page("/staff/people/fields/new")
    page = as_alice.page("/staff/people/fields/new?kind=choice")
    words = {"label_en": "Field of work", "in_use": "y", "choices-0-en": "Health", "choices-1-en": "Law"}
    data = {**hidden(page.text), **words}
    more = as_alice.send("/staff/people/fields/new?kind=choice", {**data, "do": "more"}).text
    assert 'value="Health"' in more and "choices-5-en" in more
    assert "Field of work" in as_alice.send("/staff/people/fields/new?kind=choice", data).text
    assert [choice["key"] for choice in questions.everything()[0].choices] == ["health", "law"]


def test_a_question_with_one_choice_is_refused_and_loses_nothing(as_alice):
    page = as_alice.page("/staff/people/fields/new?kind=choice")
    data = {**hidden(page.text), "label_en": "Field", "choices-0-en": "Health", "choices-0-ar": "صحة"}
    text = as_alice.send("/staff/people/fields/new?kind=choice", data).text
    assert "Write at least two choices" in text and 'value="صحة"' in text


def test_who_saves_over_a_colleague_is_told(as_alice, app):
    field = make_field()
    url = f"/staff/people/fields/{field.id}"
    first = hidden(as_alice.page(url).text)
    words = {"label_en": "Field", "in_use": "y", "choices-0-en": "A", "choices-0-key": "health", "choices-1-en": "B"}
    as_alice.send(url, {**first, **words})
    text = as_alice.send(url, {**first, **words, "label_en": "Trade"}, status=409).text
    assert "Somebody changed this question" in text and 'value="Trade"' in text


def test_staff_change_what_a_person_answered(as_alice, app):
    field, number = make_field(), make_field("Years", "number", least=0, most=50)
    who = factories.make_contact()
    url = f"/staff/people/{who.id}/answers"
    page = as_alice.page(url)
    data = {**hidden(page.text), f"custom_{field.key}": "law", f"custom_{number.key}": "51"}
    assert "at most 50" in as_alice.send(url, data).text
    text = as_alice.send(url, {**data, f"custom_{number.key}": "5"}).text
    assert "Law" in text and "Years" in text
    assert answers.of(who.id) == {"field_of_work": "law", "years": "5"}
    stale = as_alice.send(url, {**data, f"custom_{number.key}": "6"}).text
    assert "were changed since you opened" in stale


def test_viewers_see_questions_and_change_none(as_bob, app):
    field = make_field()
    as_bob.page("/staff/people/fields/")
    assert as_bob.get(f"/staff/people/fields/{field.id}").status_code == 403


def test_an_import_fills_answers_in_and_overwrites_none(app):
    field = make_field()
    answers.keep(factories.make_contact("ana@mail.example").id, {field.key: "health"})
    lines = ["email,custom_field_of_work", "ana@mail.example,Law", "ben@mail.example,law", "cem@mail.example,Cooking"]
    counted = bring_in("\n".join(lines))
    assert (counted["new"], counted["unchanged"], counted["errors"]) == (1, 1, 1)
    assert answers.of(person("ana@mail.example").id) == {"field_of_work": "health"}
    assert answers.of(person("ben@mail.example").id) == {"field_of_work": "law"}
    assert person("cem@mail.example") is None
