"""Writes down what came back, once, and does what follows: the rules of suppression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.base import audit, clock, signing
from crm.base.database import insert_into
from crm.delivery import envelope, suppression
from crm.delivery.bounces import attribution, classes, clues, reading, requests, streaks
from crm.delivery.bounces.attribution import Copy
from crm.delivery.bounces.mails import EXCERPT, Mail, plain
from crm.delivery.bounces.models import Bounce
from crm.delivery.bounces.reports import Finding
from crm.delivery.unsubscribing import Request
from crm.extensions import db

REASONS = {classes.HARD: "hard_bounce", classes.COMPLAINT: "complaint"}
SUPPRESSED, STREAK, COUNTED, NOTHING = "suppressed", "streak", "counted", "nothing"
UNSUBSCRIBED = "unsubscribed"
MILDEST = (classes.NONE, classes.AUTO_REPLY, classes.SOFT, classes.BLOCK, classes.HARD, classes.COMPLAINT)


@dataclass(frozen=True)
class Verdict:
    """A finding, the delivery it is about (None: nobody knows), and how that was found. request: to be unsubscribed."""

    finding: Finding
    delivery: Copy | None
    attribution: str
    request: Request | None = None

    @property
    def address(self) -> str:
        """The address that it is known to be about; "" where nobody knows."""
        if self.delivery:
            return self.delivery.address
        return self.finding.recipient if self.request else ""


def judge(mail: Mail) -> list[Verdict]:
    """Return what a mail says and about which delivery. Reads only."""
    message = mail.parsed()
    if asked := requests.asked(mail, message):
        return [_to_unsubscribe(request) for request in asked]
    found = reading.findings(mail, message)
    return attribute(found, clues.in_mail(mail, message, signing.key(envelope.PURPOSE)))


def attribute(found: Sequence[Finding], given: clues.Clues) -> list[Verdict]:
    """Return a verdict for the one delivery that the clues name, or for each recipient that a report names.

    Who forges the signature of an envelope sender is not asked for a recipient either.
    """
    delivery, how = attribution.by_clues(given)
    if delivery is not None:
        return [Verdict(_about(delivery, found), delivery, how)]
    if given.forged:
        return [Verdict(finding, None, attribution.NONE) for finding in found]
    return [Verdict(finding, *attribution.by_recipient(finding.recipient)) for finding in found]


def record(source: str, digest: str, verdicts: Sequence[Verdict], text: str = "") -> int:
    """Write verdicts down and act on those that are new; return how many were. The caller commits."""
    new = 0
    for number, verdict in enumerate(verdicts):
        if bounce_id := _insert(source, digest, number, verdict, text):
            new += 1
            _act(bounce_id, verdict, f"{source} {digest}")
    return new


def excerpt(mail: Mail, verdicts: Sequence[Verdict]) -> str:
    """Return what is kept of a mail for 30 days; nothing of what a person's vacation reply says."""
    if any(verdict.finding.kind == classes.AUTO_REPLY for verdict in verdicts):
        return ""
    return plain(mail.octets[: EXCERPT * 2].decode("utf-8", "replace"), EXCERPT)


def _to_unsubscribe(request: Request) -> Verdict:
    finding = Finding(classes.NONE, recipient=requests.whose(request))
    return Verdict(finding, None, attribution.UNSUBSCRIBE, request)


def _about(delivery: Copy, found: Sequence[Finding]) -> Finding:
    """Return the finding about the delivery's own address, else the mildest: where an alias has several, one lives."""
    own = [finding for finding in found if finding.recipient == delivery.address]
    return min(own or found, key=lambda finding: MILDEST.index(finding.kind))


def _insert(source: str, digest: str, number: int, verdict: Verdict, text: str) -> int | None:
    finding, delivery = verdict.finding, verdict.delivery
    row: dict[str, Any] = {
        "created_at": clock.now(),
        "digest": digest,
        "number": number,
        "source": source,
        "kind": finding.kind,
        "status": finding.status[:32],
        "recipient": finding.recipient[:254],
        "attribution": verdict.attribution,
        "effect": NOTHING,
        "delivery_id": delivery.id if delivery else None,
        "message_id": delivery.message_id if delivery else None,
        "address_hash": suppression.address_hash(verdict.address) if verdict.address else "",
        "moment": delivery.moment if delivery and not finding.delayed else None,
        "diagnostic": finding.diagnostic,
        "text": text,
    }
    statement = insert_into(Bounce).values(row).on_conflict_do_nothing().returning(Bounce.id)
    return db.session.execute(statement).scalar()


def _act(bounce_id: int, verdict: Verdict, origin: str) -> None:
    kind, delivery = verdict.finding.kind, verdict.delivery
    if verdict.request and requests.carry_out(verdict.request, origin):
        db.session.get_one(Bounce, bounce_id).effect = UNSUBSCRIBED
    if delivery is None or verdict.finding.delayed or kind in (classes.NONE, classes.AUTO_REPLY):
        return
    bounce = db.session.get_one(Bounce, bounce_id)
    if kind == classes.HARD and streaks.was_forgiven(delivery.address, bounce):
        bounce.effect = COUNTED
    elif kind in REASONS:
        bounce.effect = SUPPRESSED
    elif kind == classes.SOFT and streaks.is_dead(delivery.address, bounce.address_hash):
        bounce.effect = STREAK
    else:
        bounce.effect = COUNTED
    if bounce.effect in (SUPPRESSED, STREAK):
        reason = REASONS.get(kind, "hard_bounce")
        suppression.suppress(delivery.address, reason)
        audit.record("suppress", "delivery", delivery.id, reason=f"{reason}: {verdict.finding.status or kind}")
    db.session.flush()
