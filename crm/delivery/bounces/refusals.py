"""What mail servers refused while we sent: it stands in the ledger, and counts by the same rules as a bounce."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, select, text

from crm.base import clock, database
from crm.delivery.bounces import blocks, classes, recording
from crm.delivery.bounces.attribution import COPY, LEDGER, Copy
from crm.delivery.bounces.mails import plain
from crm.delivery.bounces.models import LONGEST_DIAGNOSTIC, Bounce
from crm.delivery.bounces.reports import Finding
from crm.delivery.models import IS_FAILED, Delivery
from crm.extensions import db

SOURCE = "smtp"
MOST = 500  # a tick
CHUNK = 25  # a transaction
RECENT = timedelta(days=7)  # Longer than a copy is retried.


def judge_new() -> int:
    """Judge the copies that failed and were not judged yet; return their number. Commits; for the ticker."""
    with database.looking():
        failed = db.session.execute(unjudged()).all()
    for start in range(0, len(failed), CHUNK):
        for row in failed[start : start + CHUNK]:
            digest = hashlib.sha256(f"{SOURCE}:{row.uuid}".encode()).hexdigest()
            recording.record(SOURCE, digest, [_verdict(row)])
        db.session.commit()
    blocks.pause_refused()
    return len(failed)


def unjudged() -> Select[Any]:
    """Return the query of the copies that failed and were not judged yet."""
    judged = select(Bounce.id).where(Bounce.delivery_id == Delivery.id, Bounce.source == SOURCE).exists()
    return (
        COPY.add_columns(Delivery.smtp_code, Delivery.smtp_reply)
        .where(text(IS_FAILED), Delivery.first_tried_at > clock.now() - RECENT)
        .where(Delivery.smtp_code.is_not(None), ~judged)
        .order_by(Delivery.first_tried_at)
        .limit(MOST)
    )


def _verdict(row: Row[Any]) -> recording.Verdict:
    reply = row.smtp_reply or ""
    statuses = classes.statuses_in(reply)
    kind = classes.of_refusal(statuses, row.smtp_code, reply)
    said = plain(f"{row.smtp_code} {reply}", LONGEST_DIAGNOSTIC)
    finding = Finding(kind, statuses[0] if statuses else "", row.address, said)
    return recording.Verdict(finding, Copy._make(row[:5]), LEDGER)
