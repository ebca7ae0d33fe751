"""Postmark tells of bounces and complaints, and proves itself by a password, or by a secret in the URL.

https://postmarkapp.com/developer/webhooks/bounce-webhook
"""

import hmac

from flask import Request, current_app

from crm.delivery.bounces import classes, reports
from crm.delivery.bounces.reports import Finding
from crm.delivery.bounces.webhooks import events
from crm.delivery.bounces.webhooks.events import Event, Malformed, Refused, text

SETTING = "POSTMARK_WEBHOOK_SECRET"
SAYS = {
    "HardBounce": events.GONE,
    "BadEmailAddress": events.GONE,
    "SoftBounce": events.TRIED,
    "Transient": events.TRIED,
    "DnsError": events.TRIED,
    "Unknown": events.TRIED,
    "Blocked": events.UNWANTED,
    "SpamNotification": events.UNWANTED,
    "VirusNotification": events.UNWANTED,
    "DMARCPolicy": events.UNWANTED,
}
AUTOMATIC = frozenset({"AutoResponder", "ChallengeVerification"})


def read(request: Request) -> list[Event]:
    """Return the event of a request. Raises Refused, Malformed."""
    secret = current_app.config[SETTING].encode()
    password = (request.authorization.password if request.authorization else "") or ""
    # Both are compared in any case, so that the time tells nothing.
    right = [hmac.compare_digest(given.encode(), secret) for given in (password, request.args.get("secret", ""))]
    if not any(right):
        raise Refused("a wrong password")
    data = events.load(request.get_data())
    if not isinstance(data, dict):
        raise Malformed("no object")
    finding = _finding(text(data, "RecordType"), text(data, "Type"), data)
    name = f"{text(data, 'RecordType')}:{text(data, 'ID')}" if text(data, "ID") else ""
    return [Event(name, [finding], data)] if finding else []


def _finding(record: str, kind: str, data: dict[str, object]) -> Finding | None:
    recipient = text(data, "Email")
    if record == "SpamComplaint" or kind == "SpamComplaint":
        return events.complaint(recipient)
    if record != "Bounce":
        return None
    if kind in AUTOMATIC:
        return Finding(classes.AUTO_REPLY, "", reports.address(recipient))
    words = text(data, "Details") or text(data, "Description")
    return events.refusal(SAYS[kind], recipient, "", words.partition(";")[2] or words) if kind in SAYS else None
