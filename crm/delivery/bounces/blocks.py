"""A mailing pauses itself where mail servers refuse it for what it is: a reputation is lost faster than mended."""

from typing import NamedTuple

from sqlalchemy import bindparam, func, select, text, update

from crm.base import audit, database
from crm.delivery import outbox, rates, waiting
from crm.delivery.bounces import classes
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import IS_WAITING, Message
from crm.extensions import db

LAST = 500  # copies
PERCENT = 2
LEAST = 3  # So that one strict server does not stop a small mailing.
REASON = (
    "It paused itself: {blocks} of its last {copies} copies were refused for policy or reputation (such as {status}). "
    "The servers distrust the sender, not the addresses. Find the cause under Bounces, mend it, and go on."
)
# Copies leave in the order of their ids but for retries, so the last ones stand before the next one that is queued.
# "+ 0" keeps the planners to that order, however many copies the message has.
NEXT = text(f"""
    SELECT id FROM delivery WHERE {IS_WAITING} AND message_id = :id AND state = 'queued'
    ORDER BY next_attempt_at, id LIMIT 1
""")
WINDOW = text("""
    SELECT id FROM delivery WHERE message_id + 0 = :id AND id < :before AND state IN ('sent', 'failed')
    ORDER BY id DESC LIMIT :last
""").bindparams(bindparam("last", LAST))


class Refused(NamedTuple):
    """How many of the last copies were blocks, and the newest of them."""

    blocks: int
    copies: int
    newest: int
    status: str


def pause_refused() -> int:
    """Pause each mailing with too many new blocks among its last copies; return how many. Commits."""
    with database.looking():
        found = {message_id: refused for message_id in _suspects() if (refused := _look(message_id))}
    for message_id, refused in found.items():
        if outbox.pause(message_id):
            reason = REASON.format(**refused._asdict())
            values = {"pause_reason": reason, "blocks_seen": refused.newest}
            db.session.execute(update(Message).where(Message.id == message_id).values(**values))
            audit.record("pause", "message", message_id, reason=reason)
        db.session.commit()
    return len(found)


def _suspects() -> list[int]:
    """Return the paced messages with copies to come and enough blocks that no pause has counted."""
    query = (
        select(Message.id)
        .join(Bounce, (Bounce.message_id == Message.id) & (Bounce.kind == classes.BLOCK))
        .where(Message.id.in_(waiting.message_ids(db.session.connection())))
        .where(Message.state == "open", Message.kind.in_(rates.PACED), Bounce.id > Message.blocks_seen)
        .group_by(Message.id)
        .having(func.count() >= LEAST)
    )
    return list(db.session.scalars(query))


def _look(message_id: int) -> Refused | None:
    new = (
        select(Bounce)
        .join(Message, Message.id == Bounce.message_id)
        .where(Bounce.message_id == message_id, Bounce.kind == classes.BLOCK, Bounce.id > Message.blocks_seen)
    )
    blocked = list(db.session.scalars(new))
    ids = {bounce.delivery_id for bounce in blocked}
    before = db.session.scalar(NEXT, {"id": message_id}) or 1 + max(one or 0 for one in ids)
    window = set(db.session.scalars(WINDOW, {"id": message_id, "before": before}))
    hits = len(window & ids)
    if hits < LEAST or hits * 100 <= PERCENT * len(window):
        return None
    newest = max(blocked, key=lambda bounce: bounce.id)
    return Refused(hits, len(window), newest.id, newest.status or "554")
