"""The ledger: the statements that move deliveries between their states while they are being sent.

A turn records what happened, gives back what was not sent and takes the next batch, in one synchronous commit. So the
intent to send is durable before a socket is touched, and recording results costs no commit of its own.
"""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, bindparam, text
from sqlalchemy.sql.elements import TextClause

from crm.base import clock
from crm.base.columns import Json, UtcDateTime
from crm.base.database import reading
from crm.delivery import backoff, journal, suppression, tallies
from crm.delivery.letter import Letter, Result
from crm.delivery.models import IS_IN_FLIGHT, IS_WAITING
from crm.delivery.rates import PACED, Rates
from crm.delivery.waiting import HOPS

log = logging.getLogger(__name__)

MOST_CLAIMS = 3  # for one message in one turn
MOST_LOOKED_AT = 600  # letters in one turn, those included that are booked for later: well under 100 ms on SQLite
FRESH_SECONDS = 1.0  # So soon, what was asked when a letter was claimed still holds.


def _timed(sql: str, *names: str) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, type_=UtcDateTime()) for name in names))


# Messages with something to send now, but for those that are paused, canceled or from a sender that rests.
DUE = _timed(
    f"""
    SELECT m.id, m.kind, m.list_id, m.sender_address FROM message m
    WHERE m.id IN ({HOPS}) AND m.state = 'open'
    AND EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = m.id AND {IS_WAITING.replace("state", "d.state")}
                AND d.next_attempt_at <= :now)
    AND NOT EXISTS (SELECT 1 FROM delivery_rest r WHERE r.name IN ('', m.sender_address) AND r.until > :now)
    """,
    "now",
)
CLAIM = """
    WITH picked AS (
        SELECT id FROM delivery WHERE {waiting} AND message_id = :message_id AND next_attempt_at <= :now
        ORDER BY next_attempt_at, id LIMIT :want {lock})
    UPDATE delivery SET state = 'in_flight', owner = :owner, lease_until = :lease_until, epoch = epoch + 1
    WHERE id IN (SELECT id FROM picked)
    RETURNING id, epoch, uuid, address, contact_id, merge, attempts, first_tried_at, message_id
"""
STILL_DUE = text(f"""
    SELECT m.kind, m.list_id FROM delivery d JOIN message m ON m.id = d.message_id
    WHERE d.id = :id AND d.epoch = :epoch AND d.owner = :owner AND {IS_IN_FLIGHT.replace("state", "d.state")}
    AND m.state = 'open'
""")
BLOCKED = text("SELECT address_hash, list_id, reason FROM suppression WHERE address_hash IN :hashes").bindparams(
    bindparam("hashes", expanding=True)
)
SUPPRESS = text(
    "UPDATE delivery SET state = 'suppressed', owner = NULL, lease_until = NULL WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))
# A late 250 still counts while nobody has claimed the row again, even if it has been given up as uncertain.
SENT = """
    UPDATE delivery SET state = 'sent', attempts = attempts + 1, smtp_code = {r}code, smtp_reply = {r}reply,
        sent_at = :now, owner = NULL, lease_until = NULL {source}
    WHERE {mine} AND state IN ('in_flight', 'uncertain', 'queued', 'deferred')
"""
UNSENT = """
    UPDATE delivery SET state = 'queued', owner = NULL, lease_until = NULL {source}
    WHERE {mine} AND state = 'in_flight'
"""
OTHER = _timed(
    """
    UPDATE delivery SET state = :state, attempts = attempts + 1, smtp_code = :code, smtp_reply = :reply,
        next_attempt_at = :next_attempt_at, first_tried_at = :first_tried_at, lease_until = NULL
    WHERE id = :id AND epoch = :epoch AND owner = :owner AND state = 'in_flight'
    """,
    "next_attempt_at",
    "first_tried_at",
)
GIVE_BACK_ALL = text(
    f"UPDATE delivery SET state = 'queued', owner = NULL, lease_until = NULL WHERE owner = :owner AND {IS_IN_FLIGHT}"
)
MINE = "id = :id AND epoch = :epoch AND owner = :owner"
# All at once on PostgreSQL. While a mailing is young the planner knows nothing of owners and states, and a generic plan
# knows nothing of the number of results. Each makes it compare every row with every result (measured: 30 ms a turn
# instead of 5), so the ids are listed, the owner stands beside each, and the plan is made for these values.
FOR_THESE_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")
ARRAYS = """
    FROM unnest(CAST(:ids AS bigint[]), CAST(:epochs AS int[]), CAST(:owners AS text[]), CAST(:codes AS int[]),
        CAST(:replies AS text[])) AS r(id, epoch, owner, code, reply)
"""
MINE_IN_ARRAYS = """
    delivery.id = ANY(CAST(:ids AS bigint[])) AND delivery.id = r.id AND delivery.epoch = r.epoch
    AND delivery.owner = r.owner
"""
RESULT = ("id", "epoch", "owner", "code", "reply")
RESULTS = ("ids", "epochs", "owners", "codes", "replies")


class Ledger:
    """The ledger as one worker process writes it."""

    def __init__(self, engine: Engine, owner: str, lease_seconds: float, margin: float, suppression_key: bytes) -> None:
        self.engine = engine
        self.owner = owner
        self.lease_seconds = lease_seconds
        self.margin = margin
        self.suppression_key = suppression_key
        lock = "FOR UPDATE SKIP LOCKED" if engine.dialect.name == "postgresql" else ""
        claim = _timed(CLAIM.format(waiting=IS_WAITING, lock=lock), "now", "lease_until")
        self._claim = claim.columns(merge=Json, first_tried_at=UtcDateTime)

    def due(self) -> bool:
        """Return whether there is something to send now. Takes no lock."""
        with reading(), self.engine.connect() as connection:
            return due(connection, clock.shared(connection))

    def turn(self, results: Sequence[Result], want: int) -> list[Letter]:
        """Record results, take at most so many letters, commit, and return them."""
        started = journal.boot_seconds()
        with self.engine.begin() as connection:
            moment = clock.shared(connection)
            record(connection, self.owner, results, moment)
            rates = Rates(connection, moment, locked=True)
            rates.refund([result.letter for result in results if result.outcome == "unsent"])
            letters = self._take(connection, rates, want) if want else []
            rates.save()
        for letter in letters:
            letter.deadline = started + self.lease_seconds - self.margin
        return letters

    def is_fresh(self, letter: Letter) -> bool:
        """Return whether a letter was claimed a moment ago."""
        return journal.boot_seconds() < letter.deadline - self.lease_seconds + self.margin + FRESH_SECONDS

    def still_due(self, letter: Letter) -> bool:
        """Return whether a letter may still be sent: it is ours, and nobody paused, canceled or unsubscribed."""
        values = {"id": letter.id, "epoch": letter.epoch, "owner": self.owner}
        with reading(), self.engine.connect() as connection:
            message = connection.execute(STILL_DUE, values).first()
            return message is not None and not self._suppressed(connection, [letter], message.list_id, message.kind)

    def give_back_all(self) -> int:
        """Give back every row that is held in this worker's name, because it holds none; return their number."""
        with self.engine.begin() as connection:
            return _rows(connection.execute(GIVE_BACK_ALL, {"owner": self.owner}))

    def _take(self, connection: Connection, rates: Rates, want: int) -> list[Letter]:
        suppression.lock_for_claim(connection)
        letters: list[Letter] = []
        looked_at = 0
        for message in in_order(connection.execute(DUE, {"now": rates.moment}).all()):
            # What is booked for later makes room for others of the message, so there may be more to claim.
            for _ in range(MOST_CLAIMS):
                room = rates.room(message.kind, message.sender_address, want - len(letters))
                taken = self._claimed(connection, message.id, rates.moment, room)
                living = self._without_suppressed(connection, taken, message.list_id, message.kind)
                letters += rates.spend(message.kind, message.sender_address, living)
                looked_at += len(taken)
                if looked_at >= max(want, MOST_LOOKED_AT):
                    return letters
                if len(taken) < max(1, room) or len(letters) >= want:
                    break
        return letters

    def _claimed(self, connection: Connection, message_id: int, moment: datetime, room: int) -> list[Letter]:
        if not room:
            return []
        lease_until = moment + timedelta(seconds=self.lease_seconds)
        values = {"owner": self.owner, "lease_until": lease_until, "now": moment, "message_id": message_id}
        taken = [Letter(*row) for row in connection.execute(self._claim, values | {"want": room})]
        return sorted(taken, key=attrgetter("id"))  # RETURNING knows no order.

    def _without_suppressed(
        self, connection: Connection, letters: list[Letter], list_id: str, kind: str
    ) -> list[Letter]:
        stopped = self._suppressed(connection, letters, list_id, kind)
        if stopped:
            connection.execute(SUPPRESS, {"ids": sorted(stopped)})
        return [letter for letter in letters if letter.id not in stopped]

    def _suppressed(self, connection: Connection, letters: list[Letter], list_id: str, kind: str) -> set[int]:
        hashes = {letter.id: suppression.hashed(letter.address, self.suppression_key) for letter in letters}
        if not hashes:
            return set()
        blocked = {
            row.address_hash
            for row in connection.execute(BLOCKED, {"hashes": sorted(set(hashes.values()))})
            if suppression.stops(row.list_id, row.reason, list_id, kind)
        }
        return {letter_id for letter_id, address_hash in hashes.items() if address_hash in blocked}


def due(connection: Connection, moment: datetime) -> bool:
    """Return whether there is something that may be sent now."""
    messages = connection.execute(DUE, {"now": moment}).all()
    rates = Rates(connection, moment, locked=False) if messages else None
    return any(rates.room(message.kind, message.sender_address, 1) for message in messages) if rates else False


def in_order(messages: Sequence[Any]) -> list[Any]:
    """Return confirmations and receipts first, then the rest in random order, so that no mailing waits for another."""
    paced = [message for message in messages if message.kind in PACED]
    random.shuffle(paced)
    return [message for message in messages if message.kind not in PACED] + paced


def record(connection: Connection, owner: str, results: Sequence[Result], moment: datetime) -> None:
    """Write down results, each only if the row still belongs to that owner in that epoch."""
    sent = [result for result in results if result.outcome == "sent"]
    unsent = [result for result in results if result.outcome == "unsent"]
    others = [result for result in results if result.outcome not in ("sent", "unsent")]
    written = _write(connection, SENT, owner, sent, moment) + _write(connection, UNSENT, owner, unsent, moment)
    if others:
        written += _rows(connection.execute(OTHER, [_other(owner, result, moment) for result in others]))
    tallies.count(connection, owner, results, moment)
    if written != len(results):
        log.warning("%d of %d results came too late: others hold these rows", len(results) - written, len(results))


def _write(connection: Connection, sql: str, owner: str, results: Sequence[Result], moment: datetime) -> int:
    if not results:
        return 0
    rows = [(r.letter.id, r.letter.epoch, owner, r.code, r.reply) for r in results]
    timed = {"now": moment} if ":now" in sql else {}
    if connection.dialect.name == "postgresql":
        connection.execute(FOR_THESE_VALUES)
        statement = _timed(sql.format(r="r.", source=ARRAYS, mine=MINE_IN_ARRAYS), *timed)
        columns: dict[str, Any] = dict(zip(RESULTS, map(list, zip(*rows, strict=True)), strict=True))
        return _rows(connection.execute(statement, columns | timed))
    statement = _timed(sql.format(r=":", source="", mine=MINE), *timed)
    return _rows(connection.execute(statement, [dict(zip(RESULT, row, strict=True), **timed) for row in rows]))


def _other(owner: str, result: Result, moment: datetime) -> dict[str, Any]:
    letter = result.letter
    state, attempts = result.outcome, letter.attempts + 1
    if state == "deferred" and backoff.is_over(moment, letter.first_tried_at, attempts):
        state = "failed"
    return {
        "id": letter.id,
        "epoch": letter.epoch,
        "owner": owner,
        "state": state,
        "code": result.code,
        "reply": result.reply,
        "next_attempt_at": backoff.next_attempt(moment, attempts),
        "first_tried_at": moment if state == "failed" else letter.first_tried_at or moment,
    }


def _rows(result: CursorResult[Any]) -> int:
    return result.rowcount
