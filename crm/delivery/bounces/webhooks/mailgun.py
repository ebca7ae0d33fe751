"""Mailgun tells one event a request, signed with HMAC-SHA256 over a time stamp and a token, not over the event itself.

So a token counts once, and only for a while. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks
"""

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any

from flask import Request, current_app

from crm.base import clock, limits
from crm.delivery.bounces.reports import Finding
from crm.delivery.bounces.webhooks import events
from crm.delivery.bounces.webhooks.events import Event, Refused, text

SETTING = "MAILGUN_WEBHOOK_KEY"
REFUSED = re.compile(r"5\d\d")  # What a mail server says for good.
WINDOW = timedelta(minutes=30)


def read(request: Request) -> list[Event]:
    """Return the event of a request; none where its token was used before. Raises Refused, Malformed."""
    data = events.load(request.get_data())
    timestamp, token = text(data, "signature", "timestamp"), text(data, "signature", "token")
    key = current_app.config[SETTING].encode()
    right = hmac.digest(key, f"{timestamp}{token}".encode("utf-8", "replace"), hashlib.sha256).hex()
    if not hmac.compare_digest(right.encode(), text(data, "signature", "signature").encode("utf-8", "replace")):
        raise Refused("a wrong signature")
    if not timestamp.isdigit() or abs(clock.now().timestamp() - int(timestamp[:12])) > WINDOW.total_seconds():
        raise Refused("a time stamp too old")
    event = data.get("event-data")
    finding = _finding(event) if isinstance(event, dict) else None
    used = f"mailgun:{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()}"
    if limits.happened(used):
        return []
    if finding is None:
        limits.count(used, WINDOW)
        return []
    return [Event(token, [finding], event)]  # Written down under its token, so that this counts once too.


def _finding(event: dict[str, Any]) -> Finding | None:
    kind, recipient, reason = text(event, "event"), text(event, "recipient"), text(event, "reason")
    if kind == "complained" or reason == "suppress-complaint":
        return events.complaint(recipient)
    if kind != "failed" or reason == "suppress-unsubscribe":
        return None
    said = event.get("delivery-status")
    words = f"{text(said, 'code')} {text(said, 'message') or text(said, 'description')}"
    if reason == "suppress-bounce":
        return events.refusal(events.GONE, recipient, "5.1.1", "Mailgun has it on its list of bounces")
    return events.refusal(_says(event, text(said, "code")), recipient, text(said, "enhanced-code"), words)


def _says(event: dict[str, Any], code: str) -> str:
    if text(event, "severity") != "permanent":
        return events.LATER
    # Its own codes, such as 602 for what it gave up after hours of trying, are permanent too, but blame no address.
    return events.GONE if REFUSED.fullmatch(code) else events.TRIED
