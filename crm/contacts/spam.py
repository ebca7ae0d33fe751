"""What tells people from robots without asking anything of the people: a stamp in the form, a field nobody sees."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from crm.base import clock, signing

PURPOSE = "sign_up_form"
SHORTEST = 2
LONGEST = timedelta(hours=24)


class TooQuick(Exception):
    """The form came back sooner than a person can send it."""


class Stale(Exception):
    """The form was open for too long, or its stamp is not ours."""


@dataclass(frozen=True)
class Stamp:
    """What a form carries about itself: a number of its own, and the consent wording that it shows."""

    form_id: str
    wording_id: int


def stamp(wording_id: int) -> str:
    """Return the signed, dated text for a form's hidden field; no session is needed."""
    return signing.sign(PURPOSE, f"{secrets.token_hex(8)}:{wording_id}", dated=True)


def read(text: str) -> Stamp:
    """Return what the stamp says; raises TooQuick or Stale."""
    try:
        signing.read(PURPOSE, text, max_age=LONGEST)
        subject, _, at = signing.read(PURPOSE, text).rpartition("@")
    except signing.InvalidToken as error:
        raise Stale("the stamp cannot be used") from error
    if clock.now().timestamp() - int(at) < SHORTEST:
        raise TooQuick("less than 2 seconds")
    form_id, _, wording_id = subject.partition(":")
    return Stamp(form_id, int(wording_id))
