"""An event of a provider, read with care, and written down once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.base import database, signing
from crm.delivery import envelope
from crm.delivery.bounces import blocks, classes, clues, recording, reports
from crm.delivery.bounces.mails import EXCERPT, plain
from crm.delivery.bounces.models import LONGEST_DIAGNOSTIC
from crm.delivery.bounces.reports import Finding
from crm.extensions import db

CHUNK = 25  # events a transaction
MOST = 5000  # events a request
# What a provider says of a refusal, before its status and its words are looked at.
GONE, TRIED, UNWANTED, LATER = "gone", "tried", "unwanted", "later"


class Refused(Exception):
    """The request is not proved to come from the provider."""


class Malformed(Exception):
    """The request is proved, but says nothing that we can read."""


@dataclass(frozen=True)
class Event:
    """What one event says; `name` is the provider's own id of it, `data` all of it."""

    name: str
    findings: list[Finding]
    data: dict[str, Any] = field(repr=False)


def load(octets: bytes) -> Any:
    """Return the JSON of a request; raises Malformed."""
    try:
        return json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error


def text(data: Any, *path: str) -> str:
    """Return the text or number at a path of names, empty where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return str(data) if isinstance(data, str | int | float) else ""


def rows(data: Any, *path: str) -> list[dict[str, Any]]:
    """Return the objects of the list at a path of names."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return [row for row in data if isinstance(row, dict)][:MOST] if isinstance(data, list) else []


def refusal(says: str, recipient: str, status: str, words: str) -> Finding:
    """Return the finding of a refusal. The milder of the provider's word and of our own reading counts."""
    statuses = [*classes.statuses_in(status), *classes.statuses_in(words)]
    code = classes.code_in(words)
    read = classes.of_refusal(statuses, code, words)
    if says == UNWANTED or read == classes.BLOCK:
        kind = classes.BLOCK
    elif says == GONE:
        kind = read if statuses or code else classes.HARD
    else:
        kind = classes.SOFT
    diagnostic = plain(words, LONGEST_DIAGNOSTIC)
    return Finding(kind, statuses[0] if statuses else "", reports.address(recipient), diagnostic, says == LATER)


def complaint(recipient: str, feedback: str = "") -> Finding:
    """Return the finding of a complaint, or of praise."""
    kind = classes.NONE if feedback.lower() in reports.NO_COMPLAINT else classes.COMPLAINT
    return Finding(kind, "", reports.address(recipient), plain(feedback, 60))


def take(source: str, events: Sequence[Event]) -> int:
    """Write events down and act on them; return how many findings were new. Commits."""
    new = 0
    key = signing.key(envelope.PURPOSE)
    for start in range(0, len(events), CHUNK):
        judged = []
        with database.looking():
            for event in events[start : start + CHUNK]:
                data = json.dumps(event.data)
                judged.append((event, data, recording.attribute(event.findings, clues.in_text(data, key))))
        for event, data, verdicts in judged:
            digest = hashlib.sha256(f"{source}:{event.name or data}".encode("utf-8", "replace")).hexdigest()
            new += recording.record(source, digest, verdicts, plain(data, EXCERPT))
        db.session.commit()
    if new:
        blocks.pause_refused()
    return new
