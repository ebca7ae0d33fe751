"""What tells people from robots without asking anything of the people: a stamp in the form, a field nobody sees."""

import secrets
from dataclasses import dataclass

from crm.base import signing

PURPOSE = "sign_up_form"
SHORTEST = 2  # Seconds.
LONGEST = 24 * 3600


class Stale(Exception):
    """The form was open for too long, or its stamp is not ours; `wording_id` is 0 where it is not ours."""

    def __init__(self, wording_id: int, *, forged: bool = False) -> None:
        super().__init__("the stamp cannot be used any more")
        self.wording_id = wording_id
        self.forged = forged


@dataclass(frozen=True)
class Stamp:
    """What a form carries about itself: a number of its own, the consent wording that it shows, its age in seconds."""

    form_id: str
    wording_id: int
    age: float

    @property
    def too_quick(self) -> bool:
        """Whether no person could have sent the form so soon."""
        return self.age < SHORTEST


def stamp(wording_id: int) -> str:
    """Return the signed, dated text for a form's hidden field; no session is needed."""
    return signing.sign(PURPOSE, f"{secrets.token_hex(8)}:{wording_id}", dated=True)


def read(text: str) -> Stamp:
    """Return what the stamp says; raises Stale."""
    try:
        subject, age = signing.read_dated(PURPOSE, text)
    except signing.InvalidToken as error:
        raise Stale(0, forged=True) from error
    form_id, _, wording_id = subject.partition(":")
    if age > LONGEST:
        raise Stale(int(wording_id))
    return Stamp(form_id, int(wording_id), age)
