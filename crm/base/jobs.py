"""Work for the background that carries an id only: asked for here, done by the workers of any host.

On PostgreSQL a job is a row of Procrastinate's queue, written in the caller's transaction. What there is to do stands
in the subjects' own tables, and the ticker looks there every few seconds: a job that is lost, stalled or done twice
costs seconds. So no job takes one of Procrastinate's locks, which a dead worker would keep. On SQLite the ticker does
all by itself, and nothing is written here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text

from crm.base.columns import UtcDateTime
from crm.extensions import db

QUEUE = "groundswell"
TABLES = "procrastinate_"  # Procrastinate's own tables, which no model describes, begin so.
STALLED_SECONDS = 8
FORGET = "1 hour"
# One that waits for the same moment is enough; where the ticker asks, one that is being done is enough too.
DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        CAST(:queue AS varchar), CAST(:name AS varchar), 0, NULL, NULL,
        jsonb_build_object('number', CAST(:number AS bigint)), CAST(:at AS timestamptz)
        )]::procrastinate_job_to_defer_v1[])
    WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs WHERE task_name = :name
        AND args = jsonb_build_object('number', CAST(:number AS bigint))
        AND ((status = 'todo' AND scheduled_at IS NOT DISTINCT FROM CAST(:at AS timestamptz))
             OR (status = 'doing' AND CAST(:ticking AS boolean))))
    """
).bindparams(bindparam("at", type_=UtcDateTime()))
PRUNE_WORKERS = text("SELECT count(*) FROM procrastinate_prune_stalled_workers_v1(:seconds)")
REAP = text(
    f"""
    DELETE FROM procrastinate_jobs WHERE (status = 'doing' AND worker_id IS NULL) OR status NOT IN ('todo', 'doing')
    OR (status = 'todo' AND id IN (SELECT job_id FROM procrastinate_events WHERE at < now() - interval '{FORGET}')
        AND (scheduled_at IS NULL OR scheduled_at < now() - interval '{FORGET}'))
    """
)
_process = {"runs jobs": False}


def defer(name: str, number: int, *, at: datetime | None = None) -> None:
    """Ask, in the caller's transaction, for a job to be done as soon as that commits, or at that moment."""
    _defer(name, number, at, ticking=False)


def hand_over(name: str, number: int) -> bool:
    """Ask, at a tick, for a job that no worker is at; False where this process runs no jobs and is to do the work."""
    if not _process["runs jobs"]:
        return False
    _defer(name, number, None, ticking=True)
    return True


def runs_here(now: bool) -> None:
    """Note whether this process is a worker that runs jobs, so that its ticks hand long work over."""
    _process["runs jobs"] = now


def reap() -> int:
    """Delete the jobs of workers that were lost, and what nobody needs; returns how many. A job of the ticker.

    The ticker asks anew for what is still undone, so nothing of a lost job is needed.
    """
    if db.engine.dialect.name != "postgresql":
        return 0
    db.session.execute(PRUNE_WORKERS, {"seconds": STALLED_SECONDS})
    return int(db.session.execute(REAP).rowcount)  # type: ignore[attr-defined]


def is_ours(name: str | None, kind: str, _parents: Mapping[str, Any]) -> bool:
    """Return whether a table is described by our models; for Alembic's comparisons (include_name)."""
    return kind != "table" or not (name or "").startswith(TABLES)


def _defer(name: str, number: int, at: datetime | None, *, ticking: bool) -> None:
    if db.engine.dialect.name == "postgresql":
        values = {"queue": QUEUE, "name": name, "number": number, "at": at, "ticking": ticking}
        db.session.execute(DEFER, values)
