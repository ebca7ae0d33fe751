"""What people do that a mailing may be credited with: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from crm.base.registries import Registry


@dataclass(frozen=True)
class Act:
    """Something that people do by a link: what the report calls it (“Signed up”), and who did it.

    `who` takes the ids of sources, the select of them, or None for no known source (`came_by`). It returns the select
    of (contact id, moment) of each time that it was done and stands. The contact may be unknown (NULL): it is counted,
    and opens no row.
    """

    label: str
    who: Callable[[Any], Any]


def came_by(source_id: Any, sources: Any) -> ColumnElement[bool]:
    """Return the condition that it was done by one of these sources; with None: by no known source."""
    condition: ColumnElement[bool] = source_id.is_(None) if sources is None else source_id.in_(sources)
    return condition


acted: Registry[Act] = Registry()
"""By the name of the metric that a goal counts the same by, where there is one."""
