"""Steps under the frequency cap: whoever had enough mailings waits for the step until the cap allows it.

The next one follows so many days after it. Where the cap is changed, all who wait are looked at again.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from crm.base import clock, database
from crm.contacts import time_zones
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings import identity
from crm.mailings.capping import rule
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.sequences.due import again
from crm.mailings.sequences.models import SequenceRun, SequenceStep

CHUNK = 200  # runs a transaction
SOON = timedelta(hours=1)  # Then what they are about to get has been sent, or never will be.
CHANGED = (
    update(SequenceRun)
    .where(SequenceRun.id == bindparam("run"), SequenceRun.state == "running", SequenceRun.put_off_by.is_not(None))
    .values(due_at=bindparam("at"), put_off_by=None)
    .execution_options(synchronize_session=False)
)


def until(
    step: SequenceStep, cap: FrequencyCap, contact_ids: Collection[int], zones: Mapping[int, str]
) -> dict[int, datetime]:
    """Return for whom of these the step would be one mailing too many, and when they may have it at its hour."""
    now, days, found = clock.now(), timedelta(days=rule.days(cap)), {}
    for contact_id, moments in rule.moments(cap, step.mailing, contact_ids).items():
        if len(moments) >= cap.most:
            newest_first = sorted(moments, key=lambda at: at or now, reverse=True)
            last = newest_first[cap.most - 1]
            free = now + SOON if last is None else last + days + timedelta(seconds=1)
            found[contact_id] = again(free, zones[contact_id], step)
    return found


def look_again() -> None:
    """Let those be due at the next hour of their step whom another cap than the present one put off. Commits."""
    while found := _changed():
        db.session.connection().execute(CHANGED, found)
        db.session.commit()


def _changed() -> list[dict[str, object]]:
    zone = time_zones.expression(identity.current().zone or "UTC").label("zone")
    query = select(SequenceRun.id, SequenceRun.due_at, SequenceStep, zone)
    query = query.join(SequenceStep, SequenceStep.id == SequenceRun.step_id)
    query = query.join(Contact, Contact.id == SequenceRun.contact_id)
    waits = (SequenceRun.state == "running", SequenceRun.put_off_by.is_not(None))
    with database.looking():
        cap = rule.current()
        if cap is None:
            return []
        rows = db.session.execute(query.where(*waits, SequenceRun.put_off_by != cap.version).limit(CHUNK)).all()
        now = clock.now()
        return [{"run": run, "at": min(due_at or now, again(now, zone, step))} for run, due_at, step, zone in rows]
