"""One line of what is looked at before a mailing goes."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Check:
    """One check: passed or not, in one line; `place` names the field of the form (or page) where to mend it.

    A place that begins with # is on the review page itself. `language` is that of the text it is about, where that is
    not the main one; `version_b` the mailing that it is about, where that is version B of the one that is looked at.
    """

    passed: bool
    text: str
    place: str = ""
    forbids: bool = True
    language: str = ""
    version_b: int | None = None


def of_version_b(check: Check, mailing_id: int) -> Check:
    """Return a check of version B, as the review of the mailing tells it."""
    return replace(check, text=f"Version B: {check.text}", version_b=mailing_id)


def good(text: str, place: str = "") -> Check:
    """Return a check that passed."""
    return Check(True, text, place, forbids=False)


def advice(text: str, place: str = "") -> Check:
    """Return a check that did not pass, and forbids nothing."""
    return Check(False, text, place, forbids=False)
