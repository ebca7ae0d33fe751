"""Words on one line: nothing that could end a header, and nothing of a name that belongs to it."""

import pytest

from crm.base.words import one_line, shortened


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Two\r\nlines \u2028 and\ta  gap ", "Two lines and a gap"),
        ("a\x00b \x00 c\u202e", "ab c"),
        ("سیده‌زهرا", "سیده‌زهرا"),
        ("👩\u200d🏫 joins", "👩\u200d🏫 joins"),
        (" \u200c\u200d ", ""),
        (None, ""),
    ],
)
def test_words_stand_on_one_line_as_they_were_meant(typed, kept):
    assert one_line(typed) == kept


def test_what_is_cut_has_the_length_and_says_that_it_was_cut():
    assert shortened("one\ntwo", 7) == "one two"
    assert shortened("one two three", 7) == "one tw…"
