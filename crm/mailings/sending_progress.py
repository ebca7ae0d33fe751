"""How far a mailing is: its copies by state, in numbers that open the rows behind them."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from crm.base import clock
from crm.delivery import outbox, pruned
from crm.delivery.models import STATES, Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingMessage
from crm.mailings.report import leaving

SOON = timedelta(hours=1)  # So near its moment, a mailing counts the time down.
LABELS = {
    "sent": "Sent",
    "queued": "Waiting",
    "in_flight": "Being sent",
    "deferred": "Deferred",
    "failed": "Failed",
    "uncertain": "Held",
    "suppressed": "Not sent: blocked",
    "canceled": "Canceled",
}
TABS = {**LABELS, leaving.LEFT: "Unsubscribed"}
MEANINGS = {
    "sent": "The mail server took it.",
    "queued": "Not tried yet.",
    "in_flight": "On its way now.",
    "deferred": "Put off by the mail server; tried again by itself.",
    "failed": "Refused for good by the mail server.",
    "uncertain": "The line broke between the mail and the answer: it may have arrived.",
    "suppressed": "The address unsubscribed, bounced or complained before its turn.",
    "canceled": "Stopped before its turn.",
}


@dataclass(frozen=True)
class Report:
    """The numbers of one mailing; `done` is the share (0 to 100) of copies that need nothing more.

    `seconds_left` is how long one that goes soon can still be taken back; 0 for all others.
    """

    counts: dict[str, int]
    total: int
    done: int
    unsubscribed: int
    seconds_left: int = 0

    def rows(self) -> list[tuple[str, str, str, int]]:
        """Return (state, label, meaning, number) in the order in which people ask for them."""
        always = {"sent", "failed", "deferred", "uncertain", "suppressed"}
        shown = [state for state in LABELS if self.counts[state] or state in always]
        return [(state, LABELS[state], MEANINGS[state], self.counts[state]) for state in shown]


def status(mailing: Mailing) -> dict[str, Any]:
    """Return the state, the total and the number of deliveries in each state."""
    counts = _counts(mailing)
    return {"state": mailing.state, "total": sum(counts.values()), **counts}


def report(mailing: Mailing) -> Report:
    """Return the numbers of a mailing as they are now."""
    counts = _counts(mailing)
    total = sum(counts.values())
    waiting = counts["queued"] + counts["in_flight"] + counts["deferred"]
    done = 100 * (total - waiting) // total if total else 0
    return Report(counts, total, done, leaving.number(mailing), _seconds_left(mailing))


def deliveries(mailing: Mailing, state: str | None = None) -> Select[Any]:
    """Return the query of a mailing's deliveries, perhaps of one state, or of those who have left (leaving.LEFT)."""
    query = select(Delivery).where(Delivery.message_id.in_(mailing.message_ids)).order_by(Delivery.id)
    if state == leaving.LEFT:
        return query.where(leaving.has_left(mailing))
    return query.where(Delivery.state == state) if state else query


def progress_of(mailings: Sequence[Mailing]) -> dict[int, tuple[int, int]]:
    """Return (sent, all) copies of each of these mailings that has any, by its id."""
    ids = [mailing.id for mailing in mailings]
    messages = db.session.scalars(select(MailingMessage).where(MailingMessage.mailing_id.in_(ids)))
    found = pruned.by({one.message_id: one.mailing_id for one in messages})
    return {number: (states["sent"], states.total()) for number, states in found.items() if states}


def gone(mailing: Mailing, state: str | None = None) -> int:
    """Return how many of a mailing's copies (in that state, or of those who left) were deleted because of their age."""
    return sum(pruned.number(state, message_id) for message_id in mailing.message_ids)


def _seconds_left(mailing: Mailing) -> int:
    if mailing.state != "scheduled" or mailing.scheduled_at is None:
        return 0
    left = (mailing.scheduled_at - clock.now()).total_seconds()
    return math.ceil(left) if 0 < left <= SOON.total_seconds() else 0


def _counts(mailing: Mailing) -> dict[str, int]:
    counts = Counter(dict.fromkeys(STATES, 0))
    for message_id in mailing.message_ids:
        counts.update(outbox.counts(message_id))
    return dict(counts)
