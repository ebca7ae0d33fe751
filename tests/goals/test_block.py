"""The goal in a mailing: a bar with the numbers of the moment, in the language of the text."""

from datetime import timedelta

import html5lib
import pytest

from crm.base import clock
from crm.extensions import db
from crm.goals.models import Goal
from crm.mailings.blocks import checking
from tests import factories
from tests.mailings.blocks.makers import block, mail_of
from tests.mailings.makers import make_people


def make_goal(title: str = "Eight supporters", days: int = 90, **values) -> Goal:
    today = clock.today()
    dates = {"starts_on": today - timedelta(days=9), "deadline": today + timedelta(days=days)}
    goal = factories.make_goal(title=title, **{"target": 8, **dates, **values})
    db.session.commit()
    return goal


def cells(html: str) -> list[tuple[str, str]]:
    found = html5lib.parse(html, namespaceHTMLElements=False).iter("td")
    return [(cell.get("class"), cell.get("width")) for cell in found if cell.get("class") in ("done", "rest")]


def test_it_tells_the_numbers_of_the_moment(app):
    one = block("goal", goal=str(make_goal().id))
    assert cells(mail_of(one).html) == [("rest", "100%")]
    make_people(3)
    mail = mail_of(one)
    assert cells(mail.html) == [("done", "37%"), ("rest", "63%")]
    assert "Eight supporters" in mail.text and "3 of 8, to be reached by" in mail.text
    make_people(9)
    assert cells(mail_of(one).html) == [("done", "100%")]


def test_it_is_called_as_readers_of_the_language_call_it(app):
    one = block("goal", goal=str(make_goal(titles={"es": "Ocho simpatizantes"}).id))
    assert "Ocho simpatizantes" in mail_of(one, language="es").html
    assert '<bdi lang="en" dir="ltr">Eight supporters</bdi>' in mail_of(one, language="ar").html
    assert "<bdi>Eight supporters</bdi>" in mail_of(one).html


def test_it_can_always_be_the_next_one(app):
    make_goal("Later", days=200)
    one = block("goal", goal="next")
    assert "Later" in mail_of(one).text
    make_goal("Sooner", days=20)
    assert "Sooner" in mail_of(one).text and "Later" not in mail_of(one).text


@pytest.mark.parametrize("values", [{"public": False}, None])
def test_one_that_is_not_for_all_or_gone_is_told_and_shown_to_nobody(app, values):
    make_goal("Public")
    number = make_goal("Secret", **values).id if values else 999
    mail = mail_of(block("goal", goal=str(number)))
    assert mail.faults == ["Block 1 (Goal): Which: what was chosen is no longer there. Choose again."]
    assert "Secret" not in mail.html + mail.text


def test_without_a_goal_there_is_nothing_to_choose(app):
    assert [str(fault) for fault in checking.faults(checking.cleaned([block("goal")]))] == [
        "Block 1 (Goal): Which is empty. Choose one."
    ]


def test_nobody_can_put_in_a_bar_of_their_own(app):
    with pytest.raises(checking.BadBlocks, match="named “bar”"):
        checking.cleaned([block("bar", label="Fake", done=1, target=2, text="")])
