"""Setting the cap, and deciding that one mailing goes to all the same; both leave a line in the audit trail."""

from collections.abc import Mapping
from typing import Any

from crm.base import audit, changes
from crm.base.changes import Refused
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.capping import rule
from crm.mailings.capping.models import CapException, FrequencyCap
from crm.mailings.models import Mailing

MOST_WORDS = 500


def present() -> FrequencyCap:
    """Return the cap as it is, or the one that is proposed where none was ever set."""
    proposed = FrequencyCap(active=False, most=3, days=7, free_kinds=[], version=1)
    return rule.current() or proposed


def row() -> FrequencyCap:
    """Return the row of the cap, made where there is none."""
    db.session.execute(insert_into(FrequencyCap).values(id=rule.ONLY, free_kinds=[]).on_conflict_do_nothing())
    return db.session.get_one(FrequencyCap, rule.ONLY)


def save(cap: FrequencyCap, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the cap; raises Collision."""
    changes.claim(cap, "frequency_cap", opened_on)
    changes.keep(cap, "frequency_cap", values)


def send_to_all(mailing: Mailing, reason: str) -> None:
    """Let the mailing go to all the same, whatever the cap says; raises Refused."""
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why this mailing goes to all the same.", "reason")
    if len(reason) > MOST_WORDS:
        raise Refused(f"Say it in {MOST_WORDS} characters.", "reason")
    _lock(mailing)
    if rule.exception(mailing) is None:
        db.session.add(CapException(mailing_id=mailing.id, reason=reason, by=audit.actor()))
        mailing.version += 1  # It goes to others than were approved.
        audit.record("exempt", "mailing", mailing.id, reason=reason)


def put_under_again(mailing: Mailing) -> None:
    """Let the cap hold for the mailing again; raises Refused."""
    _lock(mailing)
    if (found := rule.exception(mailing)) is not None:
        db.session.delete(found)
        mailing.version += 1
        audit.record("unexempt", "mailing", mailing.id, reason=found.reason)


def _lock(mailing: Mailing) -> None:
    changes.lock(mailing)
    if mailing.messages or mailing.state in ("finished", "canceled"):
        raise Refused("This mailing has gone out already, so that cannot be changed any more.", "reason")
