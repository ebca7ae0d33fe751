"""One line of what is looked at before a mailing goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check: passed or not, in one line; `place` names the field of the form (or page) where to mend it.

    A place that begins with # is on the review page itself. `language` is that of the text it is about, where that is
    not the main one.
    """

    passed: bool
    text: str
    place: str = ""
    forbids: bool = True
    language: str = ""


def good(text: str, place: str = "") -> Check:
    """Return a check that passed."""
    return Check(True, text, place, forbids=False)


def advice(text: str, place: str = "") -> Check:
    """Return a check that did not pass, and forbids nothing."""
    return Check(False, text, place, forbids=False)
