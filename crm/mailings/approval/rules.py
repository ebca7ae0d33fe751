"""What the admins want before a mailing goes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crm.base import changes
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.approval.models import MailingRules

ONE = 1
DEFAULTS: dict[str, Any] = {"approval_over": None, "confirm_over": 500, "minutes": 10}


def current() -> MailingRules:
    """Return the rules as they stand; a row of its own that is not on record where nobody changed any."""
    found = db.session.scalar(select(MailingRules).order_by(MailingRules.id).limit(1))
    return found or MailingRules(**DEFAULTS, version=0)


def row() -> MailingRules:
    """Return the row of the rules to change it, made where there is none."""
    values = {"id": ONE, **DEFAULTS, "version": 0}
    db.session.execute(insert_into(MailingRules).values(values).on_conflict_do_nothing())
    return current()


def save(rules: MailingRules, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the rules; raises Collision."""
    changes.claim(rules, "mailing_rules", opened_on)
    changes.keep(rules, "mailing_rules", values)


def exceeds(number: int, limit: int | None) -> bool:
    """Tell whether so many recipients are over a limit (None: there is none)."""
    return limit is not None and number > limit


def grace() -> timedelta:
    """Return for how long what is sent now can be taken back before it goes."""
    return timedelta(minutes=current().minutes)
