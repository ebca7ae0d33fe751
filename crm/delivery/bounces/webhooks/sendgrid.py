"""SendGrid tells in lists of events, signed with ECDSA (P-256, SHA-256) over the time stamp and the body.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import base64
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Request, current_app

from crm.delivery.bounces.reports import Finding
from crm.delivery.bounces.webhooks import events
from crm.delivery.bounces.webhooks.events import Event, Refused, rows, text

SETTING = "SENDGRID_WEBHOOK_KEY"
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
UNWANTED = frozenset({"reputation", "content", "frequency/volume"})


def read(request: Request) -> list[Event]:
    """Return the events of a request that are bounces or complaints. Raises Refused, Malformed."""
    body = request.get_data()
    signed = request.headers.get(TIMESTAMP, "").encode() + body
    try:
        key = serialization.load_der_public_key(base64.b64decode(current_app.config[SETTING]))
        signature = base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Refused("SENDGRID_WEBHOOK_KEY is no key of an elliptic curve")
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as error:
        raise Refused("a wrong signature") from error
    told = rows({"events": events.load(body)}, "events")
    return [Event(text(row, "sg_event_id"), [found], row) for row in told if (found := _finding(row))]


def _finding(row: dict[str, Any]) -> Finding | None:
    event, recipient, reason = text(row, "event"), text(row, "email"), text(row, "reason")
    if event == "spamreport":
        return events.complaint(recipient)
    if event == "bounce":
        unwanted = text(row, "bounce_classification").lower() in UNWANTED
        says = events.UNWANTED if unwanted else events.TRIED if text(row, "type") == "blocked" else events.GONE
        return events.refusal(says, recipient, text(row, "status"), reason)
    if event == "deferred":
        return events.refusal(events.LATER, recipient, text(row, "status"), text(row, "response"))
    return _dropped(row, recipient, reason.lower()) if event == "dropped" else None


def _dropped(row: dict[str, Any], recipient: str, reason: str) -> Finding | None:
    if reason.startswith("bounced address"):
        return events.refusal(events.GONE, recipient, "5.1.1", "SendGrid has it on its list of bounces")
    if reason == "invalid":
        return events.refusal(events.GONE, recipient, text(row, "status"), reason)
    return events.complaint(recipient) if reason.startswith("spam reporting address") else None
