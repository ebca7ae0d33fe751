"""What becomes of deliveries whose worker died, hung, or lost its host."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, bindparam, text

from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.database import reading
from crm.delivery import backoff, failpoints, journal
from crm.delivery.journal import Found, Key
from crm.delivery.ledger import due, record
from crm.delivery.letter import Letter, Result
from crm.delivery.models import IS_IN_FLIGHT, IS_UNCERTAIN

log = logging.getLogger(__name__)

OWNERS = text(f"SELECT owner, min(lease_until) < :now AS expired FROM delivery WHERE {IS_IN_FLIGHT} GROUP BY owner")
OWNERS = OWNERS.bindparams(bindparam("now", type_=UtcDateTime()))
COLUMNS = "id, epoch, uuid, address, contact_id, NULL, attempts, first_tried_at, message_id"
HELD = (
    text(f"SELECT {COLUMNS} FROM delivery WHERE {IS_IN_FLIGHT} AND owner = :owner AND lease_until < :before")
    .bindparams(bindparam("before", type_=UtcDateTime()))
    .columns(first_tried_at=UtcDateTime)
)
EVER = datetime(9999, 1, 1, tzinfo=UTC)
# A server ends the commit of a killed worker all the same, so rows of its can show up when it is long gone.
KEPT_SECONDS = 300
RESEND_WHERE = f"""
    {IS_UNCERTAIN} AND resends < {backoff.MOST_RESENDS}
    AND message_id IN (SELECT id FROM message WHERE on_uncertain = 'resend' AND state = 'open')
"""
RESEND = text(
    f"UPDATE delivery SET state = 'queued', resends = resends + 1, next_attempt_at = :now WHERE {RESEND_WHERE}"
)
RESEND = RESEND.bindparams(bindparam("now", type_=UtcDateTime()))
ANY_RESEND = text(f"SELECT 1 FROM delivery WHERE {RESEND_WHERE} LIMIT 1")
ANY_IN_FLIGHT = text(f"SELECT 1 FROM delivery WHERE {IS_IN_FLIGHT} LIMIT 1")


@dataclass
class Worker:
    """What all journals of one worker tell together; written: when the last line was, in seconds since 1970."""

    alive: bool = False
    written: float = 0.0
    same_boot: bool = True
    lease_until: float = 0.0
    begun: set[Key] = field(default_factory=set)
    outcomes: dict[Key, tuple[str, int | None, str]] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)

    def add(self, found: Found) -> None:
        self.alive = self.alive or found.alive
        self.written = max(self.written, found.written)
        self.same_boot = self.same_boot and found.boot == journal.boot_id() != "unknown"
        self.lease_until = max(self.lease_until, found.lease_until)
        self.begun |= found.begun
        self.outcomes |= found.outcomes
        self.paths.append(found.path)

    def settled_by(self, expired: bool) -> str | None:
        """Return how its rows can be settled now: by its journal, by its lease, or not yet.

        A worker that lives is left alone until its lease is over by both clocks, of which nobody can set one. It then
        sends nothing more, because it notes each delivery first and looks at that clock second; so its journal is
        complete.
        """
        if not self.same_boot:
            return "lease" if expired else None
        over = expired and journal.boot_seconds() > self.lease_until if self.alive else True
        return "journal" if over else None


def settle(engine: Engine, folder: Path, installation: str) -> int:
    """Settle what dead workers left behind, send again what may be; return the number of rows settled."""
    settled = 0
    with reading(), engine.connect() as connection:
        owners = {row.owner: bool(row.expired) for row in connection.execute(OWNERS, {"now": clock.shared(connection)})}
        resend = connection.execute(ANY_RESEND).first() is not None
    # Read after the rows: whoever held a row by then had noted its lease before.
    # Who lives and whose rows have time left is left alone, so its lines, which are many, are not looked at.
    found = journal.found_in(folder, lambda owner, alive: owners.get(owner, False) or (owner in owners and not alive))
    workers = _workers(found, installation)
    for owner, expired in owners.items():
        settled += _settle_owner(engine, owner, workers.get(owner), expired)
    for owner, worker in workers.items():
        if not worker.alive and worker.written < time.time() - KEPT_SECONDS:
            _delete_if_done(engine, owner, worker)
    journal.clear_drafts(folder, time.time() - KEPT_SECONDS)
    if resend or settled:
        with engine.begin() as connection:
            connection.execute(RESEND, {"now": clock.shared(connection)})
    return settled


def unsettled(engine: Engine) -> bool:
    """Return whether something is due, in flight, or uncertain and about to be sent again."""
    with reading(), engine.connect() as connection:
        if any(connection.execute(query).first() is not None for query in (ANY_IN_FLIGHT, ANY_RESEND)):
            return True
        return due(connection, clock.shared(connection))


def _workers(journals: Iterable[Found], installation: str) -> dict[str, Worker]:
    workers: dict[str, Worker] = {}
    for found in journals:
        if found.installation == installation:
            workers.setdefault(found.owner, Worker()).add(found)
    return workers


def _settle_owner(engine: Engine, owner: str, worker: Worker | None, expired: bool) -> int:
    how = worker.settled_by(expired) if worker else ("lease" if expired else None)
    if how is None:
        return 0
    with engine.begin() as connection:
        moment = clock.shared(connection)
        # A worker that lives may have taken new rows since its journal was read; only their leases still run.
        before = moment if worker is None or worker.alive else EVER
        letters = [Letter(*row) for row in connection.execute(HELD, {"owner": owner, "before": before})]
        results = [_verdict(letter, worker or Worker(), how) for letter in letters]
        record(connection, owner, results, moment)
    failpoints.reach("settled")
    uncertain = sum(result.outcome == "uncertain" for result in results)
    log.warning("settled %d deliveries of worker %s by its %s; %d are uncertain", len(results), owner, how, uncertain)
    return len(results)


def _verdict(letter: Letter, worker: Worker, how: str) -> Result:
    key = letter.id, letter.epoch
    if key in worker.outcomes:
        return Result(letter, *worker.outcomes[key])
    if how == "journal" and key not in worker.begun:
        return Result(letter, "unsent")
    return Result(letter, "uncertain", None, "the worker was lost while it sent this")


def _delete_if_done(engine: Engine, owner: str, worker: Worker) -> None:
    with reading(), engine.connect() as connection:
        if connection.execute(HELD, {"owner": owner, "before": EVER}).first() is None:
            for path in worker.paths:
                path.unlink(missing_ok=True)
