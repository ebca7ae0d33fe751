"""What sequences of mailings may begin with: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.base.choosing import Choosing
from crm.base.registries import Registry


@dataclass(frozen=True)
class Trigger(Choosing):
    """Something that contacts do, or that is done to them, with which a sequence of mailings begins.

    `who`(value, since) returns the select of (contact id, moment) of those to whom it happened since that moment; where
    no moment is known (`dated` is false) that of all of whom it is true, with an empty second column. `choices` are the
    values: what it may be about.
    """

    label: str
    who: Callable[[str, datetime], Any]
    choices: Callable[[], list[tuple[str, str]]] | None = None
    dated: bool = True
    named: Callable[[str], str] | None = None


triggers: Registry[Trigger] = Registry()
