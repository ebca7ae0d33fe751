"""What a new mailing of each kind begins with, in each of our languages."""

import re

import pytest

from crm.base.locales import LANGUAGES
from crm.mailings.blocks import checking, starter_words, starters
from crm.mailings.models import KINDS
from tests.goals.test_block import make_goal
from tests.mailings.blocks.makers import mail_of

ALL = [(kind, language) for kind in KINDS for language in LANGUAGES]


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_each_can_be_kept_as_it_is(app, kind, language):
    make_goal()
    blocks = starters.blocks_for(kind, language)
    assert checking.cleaned(blocks) == [checking.cleaned([block])[0] for block in blocks]
    assert [block["id"] for block in checking.cleaned(blocks)] == [block["id"] for block in blocks]
    assert len(blocks) > 5


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_none_is_sent_before_its_words_are_replaced(app, kind, language):
    faults = mail_of(*starters.blocks_for(kind, language), language=language).faults
    assert any("is still to be written" in fault for fault in faults)


def test_all_languages_have_the_same_words(app):
    for kind in KINDS:
        names = {language: set(starter_words.WORDS[language][kind]) for language in LANGUAGES}
        assert names["en"] == names["es"] == names["ar"]
        for name in names["en"]:
            fields = [
                sorted(re.findall(r"{{ (\w+)", starter_words.WORDS[language][kind][name])) for language in LANGUAGES
            ]
            assert fields[0] == fields[1] == fields[2], name


def test_the_goal_is_left_out_where_there_is_none(app):
    kinds = [block["kind"] for block in starters.blocks_for("newsletter", "en")]
    assert "goal" not in kinds
    make_goal()
    assert "goal" in [block["kind"] for block in starters.blocks_for("newsletter", "en")]


def test_each_new_one_has_ids_of_its_own(app):
    one, other = starters.blocks_for("newsletter", "en"), starters.blocks_for("newsletter", "en")
    assert {block["id"] for block in one}.isdisjoint(block["id"] for block in other)
