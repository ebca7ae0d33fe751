"""What the outbox page tells: what waits, since when, what holds it, and what mail servers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from crm.base import clock
from crm.delivery import depths, pace, pruned, rates, rests, tallies, waiting
from crm.delivery.models import Message, Rest
from crm.delivery.rates import domain_of
from crm.delivery.tallies import Answer
from crm.extensions import db
from crm.mailings import sending_progress
from crm.mailings.models import MailingMessage

# On the page of delivery as its own page calls it; a mailing holds them.
LABELS = {**sending_progress.LABELS, "uncertain": "Uncertain"}
DAY = timedelta(days=1)
MOST_MESSAGES = 20
MOST_ANSWERS = 12
CLASSES = {2: "Accepted", 4: "Refused for now", 5: "Refused for good", 0: "No answer"}


@dataclass(frozen=True)
class Waiting:
    """A message with copies that wait: since when the first is due, and what holds it, if anything does."""

    message: Message
    mailing_id: int | None
    due: datetime
    held_by: str


def values() -> dict[str, Any]:
    """Return what the template of the outbox needs."""
    waiting_for = waiting.message_ids(db.session.connection())
    since = depths.oldest_due(waiting_for)
    answers = tallies.answers(DAY)
    resting = rests.current()
    return {
        "depths": depths.look(),
        "gone": pruned.told(pruned.number()),
        "labels": LABELS,
        "meanings": sending_progress.MEANINGS,
        "since": since,
        "age": age(clock.now() - since) if since else "",
        "per_minute": round(tallies.per_minute()),
        "rests": resting,
        "messages": messages(waiting_for, _stops(resting)),
        "classes": classes(answers),
        "answers": answers[:MOST_ANSWERS],
    }


def messages(ids: Sequence[int], stops: Mapping[str, str]) -> list[Waiting]:
    """Return those of the messages with copies that wait, those first that are due longest."""
    query = select(Message, MailingMessage.mailing_id, depths.FIRST_DUE.label("due"))
    query = query.outerjoin(MailingMessage, MailingMessage.message_id == Message.id).where(Message.id.in_(ids))
    query = query.options(defer(Message.html), defer(Message.text))
    rows = db.session.execute(query.order_by("due").limit(MOST_MESSAGES)).all()
    return [
        Waiting(message, mailing_id, due, _held_by(message, due, stops)) for message, mailing_id, due in rows if due
    ]


def classes(answers: Sequence[Answer]) -> list[tuple[str, int]]:
    """Return the sums by class of the code, in words; what did not happen is left out but for the first three."""
    sums = dict.fromkeys(CLASSES, 0)
    for answer in answers:
        sums[answer.code // 100 if answer.code // 100 in CLASSES else 0] += answer.number
    return [(f"{words} ({key}xx)" if key else words, sums[key]) for key, words in CLASSES.items() if key or sums[key]]


def age(span: timedelta) -> str:
    """Return a length of time in words, in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _stops(resting: Sequence[Rest]) -> dict[str, str]:
    """Return what keeps whom from sending bulk mail or any: sender address, or '' for all, to the words."""
    now = clock.now()
    stops = {}
    for plan in pace.plans():
        if plan.is_used_up:
            stops[f"@{plan.domain}"] = "the warm-up: what today allows is used up"
    for limit in pace.limits():
        if limit.scope != "domain" and not limit.left:
            stops[f"bulk {limit.name}"] = f"the limit of {limit.of_what}"
    for rest in resting:
        if rest.until > now:
            stops[rest.name] = "the mail server rests" if rest.name == rests.SERVER else f"{rest.name} rests"
    return stops


def _held_by(message: Message, due: datetime, stops: Mapping[str, str]) -> str:
    sender = message.sender_address
    if message.state != "open":
        return message.pause_reason or {"paused": "somebody paused it", "canceled": "it is canceled"}[message.state]
    keys = ["", sender, *(["bulk ", f"bulk {sender}", f"@{domain_of(sender)}"] if message.kind in rates.PACED else [])]
    found = [stops[key] for key in keys if key in stops]
    if not found and due > clock.now():
        found = ["its next try is not due yet"]
    return "; ".join(found)
