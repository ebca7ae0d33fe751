"""What people do that a mailing may be credited with: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class Act:
    """Something that people do by a link: what the report calls it (“Signed up”), and who did it.

    `who` takes the ids of sources, or the select of them, and returns the select of (contact id, moment) of each time
    that it was done and stands. The contact may be unknown (NULL): it is counted, and opens no row.
    """

    label: str
    who: Callable[[Any], Any]


acted: Registry[Act] = Registry()
"""By the name of the metric that a goal counts the same by, where there is one."""
