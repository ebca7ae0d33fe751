"""Adding and editing offices."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.base import changes
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers.offices.models import Office


def save(office: Office, values: Mapping[str, Any], opened_on: int = 0) -> Office:
    """Set the values on a new office or one that there is, and return it; raises Collision, Refused."""
    if office.id is not None:
        changes.claim(office, "office", opened_on)
    given = {**values, "state": values["state"].upper() if len(values["state"]) == 2 else values["state"]}
    _check_title(office, given)
    changes.keep(office, "office", given)
    return office


def _check_title(office: Office, values: Mapping[str, Any]) -> None:
    same = select(Office.id).where(func.lower(Office.title) == values["title"].lower())
    same = same.where(func.lower(Office.state) == values["state"].lower())
    if office.id is not None:
        same = same.where(Office.id != office.id)
    with db.session.no_autoflush:
        if db.session.scalar(same.limit(1)) is not None:
            raise Refused("There is an office of that name in that state already. Open that one.", "title")
