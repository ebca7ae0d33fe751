"""What people answered to a form in numbers, each of which opens the rows that it counts."""

import html
import re
from datetime import timedelta

import pytest

from crm.actions.models import Action
from crm.actions.submissions.models import Submission
from crm.base import clock
from crm.contacts import sources
from crm.extensions import db
from tests import factories
from tests.contacts.custom_fields.makers import make_field

TAG = re.compile(r"<[^>]*>")
LINE, CELL = re.compile(r"<tr>.*?</tr>", re.DOTALL), re.compile(r"<t[hd].*?</t[hd]>", re.DOTALL)
LINK = re.compile(r'href="([^"]*question=[^"]*)">(\d+)<')
LAW = {"field_of_work": "law", "barriers": ["license", "language"], "years": "12.5", "arrived": "2026-03-31"}
HEALTH = {"field_of_work": "health", "barriers": ["license"], "years": "3", "arrived": "2026-03-02", "helped": "no"}


@pytest.fixture
def survey(app) -> Action:
    """A form of every kind of question that is counted; five people answered, one of them twice, one took it back."""
    keys = [make_field().key, make_field("Barriers", "several", choices=["License", "Language"]).key]
    keys += [make_field(name.title(), kind).key for name, kind in KINDS]
    action = Action(slug="survey", kind="form", state="published", titles={"en": "Survey"}, options={})
    factories.add(action)
    action.questions = keys
    poster = sources.of_visit(sources.Trail(utm_source="poster"))
    first = send(action, "amina", {**LAW, "field_of_work": "teaching"}, days=9)
    send(action, "amina", LAW, days=2, contact_id=first.contact_id)
    send(action, "bao", HEALTH, language="es", source_id=poster)
    send(action, "carla", {**HEALTH, "years": "7", "arrived": "2025-12-01"}, source_id=poster)
    send(action, "dina", {"field_of_work": "", "barriers": [], "years": "many"})
    send(action, "ewa", LAW, withdrawn_at=clock.now())
    db.session.commit()
    return action


KINDS = (("years", "number"), ("arrived", "date"), ("helped", "yes_no"), ("more", "text"))


def send(action, name, answers, days=1, **values) -> Submission:
    if "contact_id" not in values:
        values["contact_id"] = factories.make_contact(f"{name}@mail.example", first_name=name).id
    at = clock.now() - timedelta(days=days)
    return factories.add(Submission(action_id=action.id, answers=answers, at=at, **values))


def numbers(browser, action, query="") -> dict[str, tuple[list[str], str]]:
    """By question and label of a line, its numbers and the address that its number opens."""
    page, found = browser.page(f"/staff/actions/{action.id}/submissions/answers{query}").text, {}
    for section in page.split('<section class="section"')[1:]:
        for line in LINE.findall(section):
            label, *cells = (html.unescape(TAG.sub("", cell)).strip() for cell in CELL.findall(line))
            found[label if label not in found else f"{label} again"] = (
                cells,
                "".join(address for address, _ in LINK.findall(line)),
            )
    return found


def test_choices_numbers_and_dates_are_counted_by_person_and_every_number_opens_its_rows(survey, as_bob):
    told = numbers(as_bob, survey)
    assert told["Health"][0][:3] == ["2", "67 %", "50 %"] and told["Law"][0][:3] == ["1", "33 %", "25 %"]
    assert told["Teaching"][0][0] == "0" and told["No answer"][0][::2][:2] == ["1", "25 %"]
    assert (told["License"][0][0], told["Language"][0][0]) == ("3", "1")
    assert list(told).index("Health") < list(told).index("Law") < list(told).index("Teaching")
    assert told["Half say at most (the median)"][0] == ["7", "2"]
    assert told["A quarter say at most"][0] == ["5", "1"]
    assert (told["March 2026"][0][0], told["December 2025"][0][0], told["No"][0][0]) == ("2", "1", "2")
    page = as_bob.page(f"/staff/actions/{survey.id}/submissions/answers").text
    opened = LINK.findall(page)
    assert len(opened) > 20
    for address, number in opened:
        rows = as_bob.page(html.unescape(address)).text
        assert len(re.findall(r'submissions/\d+"', rows)) == int(number), address


def test_answers_are_narrowed_by_day_language_and_source_and_so_are_their_rows_and_the_file(survey, as_alice):
    assert numbers(as_alice, survey, "?language=es")["Health"][0][0] == "1"
    assert numbers(as_alice, survey, "?source=poster")["Health"][0][0] == "2"
    week_ago = (clock.now() - timedelta(days=7)).date().isoformat()
    told = numbers(as_alice, survey, f"?until={week_ago}")
    assert (told["Teaching"][0][0], told["Law"][0][0]) == ("1", "0")
    address = html.unescape(numbers(as_alice, survey, "?source=poster")["Health"][1])
    assert "came by poster" in as_alice.page(address).text
    file = as_alice.post(address.replace("submissions/?", "submissions/export?")).text
    assert "bao@" in file and "carla@" in file and "amina@" not in file
    assert "is no day" in as_alice.page(f"/staff/actions/{survey.id}/submissions/answers?from=yesterday").text


def test_a_form_that_nobody_answered_says_what_to_do(as_bob, app):
    action = factories.add(Action(slug="new", kind="form", state="published", titles={"en": "New"}, options={}))
    db.session.commit()
    assert "Nobody has answered yet" in as_bob.page(f"/staff/actions/{action.id}/submissions/answers").text
