"""Putting a backup in the place of this installation. What comes back sends nothing until staff say so.

All of it is one transaction, what must be held included: whatever happens meanwhile, no worker ever finds a copy that
would go on where the backup left off.
"""

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from flask import current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from crm.base import audit, registries, signing
from crm.base.database import reading
from crm.base.jobs import is_ours
from crm.base.models import Installation
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.site import health
from crm.site.backup import archive
from crm.site.backup.archive import Reader
from crm.site.backup.making import AUDITED
from crm.site.backup.manifest import Faulty, Manifest, file_named
from crm.site.backup.verifying import kind_of, verify, workspace

# What the migrations fill, and what a program that merely ran has written down.
NOTHING = frozenset({"alembic_version", "installation", "stage", "counter", "form_post", "state_count"})
# Links in mail that was sent after the backup name people who are gone with it. Nobody new may get their numbers.
LEAP = 1_000_000


KEPT = "suppressions newer than the backup, which stay"


class Refused(Exception):
    """Nothing was restored; the message says why, and what to do."""


@dataclass(frozen=True)
class Restored:
    """What was restored, and what is held: how many, by what it is."""

    manifest: Manifest
    held: dict[str, int]


def present() -> dict[str, int]:
    """Return how many rows there are here, by table; nothing where nobody has begun. Raises SQLAlchemyError."""
    with reading(), db.engine.connect() as connection:
        names = [n for n in inspect(connection).get_table_names() if n not in NOTHING and is_ours(n, "table", {})]
        quoted = {name: connection.dialect.identifier_preparer.quote(name) for name in names}
        found = {name: connection.scalar(text(f"SELECT count(*) FROM {quoted[name]}")) or 0 for name in names}
    return {name: number for name, number in found.items() if number}


def restore(path: Path, *, key_lost: bool = False) -> Restored:
    """Restore a backup over whatever is here but its suppressions, and commit; return what is held.

    Raises Refused, Faulty, OSError and the errors of the database; the database is as it was then, or empty.
    """
    manifest = verify(path)
    _check(manifest, key_lost)
    db.session.remove()
    blocked = _suppressions()
    _prepare(manifest.contents.revision)
    with archive.opened(path) as reader, workspace() as place:
        _put_files(reader)
        kind_of(manifest).load(reader, place, db.session.connection(), LEAP)
    held = _hold(manifest.made_at)
    held[KEPT] = _keep_suppressed(blocked)
    if key_lost:
        db.session.execute(update(Installation).values(key_fingerprint=""))
    db.session.commit()
    db.session.remove()
    upgrade()
    audit.record("restore", AUDITED, file=path.name, made_at=manifest.made_at.isoformat(), held=held)
    db.session.commit()
    return Restored(manifest, held)


def _hold(made_at: datetime) -> dict[str, int]:
    """Hold what must not go on by itself, as far as the backup knew of it; return how much of each."""
    known = {"", *inspect(db.session.connection()).get_table_names()}
    return {hold.label: hold.hold(made_at) for hold in registries.holds if hold.table in known}


def _check(manifest: Manifest, key_lost: bool) -> None:
    if manifest.database != db.engine.dialect.name:
        raise Refused(f"It is a backup of {manifest.database}, and DATABASE_URL names {db.engine.dialect.name}.")
    revision = _revision()
    if not health.knows(manifest.contents.revision) or (revision and not health.knows(revision)):
        raise Refused("Its tables, or those here, are newer than this program. Take the program that made them.")
    theirs = manifest.contents.key_fingerprint
    if theirs and not key_lost and not hmac.compare_digest(theirs, signing.key("fingerprint").hex()):
        raise Refused(
            "SECRET_KEY is not the one of this backup, so blocked addresses and links in mail would not be known. "
            "Set the old SECRET_KEY, or put the old file secret_key into the instance folder. Only where it is lost "
            "for good: --key-lost; see docs/operating.md."
        )
    if _worker_runs():
        raise Refused("A worker runs on this database. Stop the program on every host first.")


def _revision() -> str | None:
    with reading(), db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _worker_runs() -> bool:
    try:
        with reading():
            return health.worker()["seconds_since_tick"] is not None
    except SQLAlchemyError:  # No tables yet.
        return False
    finally:
        db.session.rollback()


def _suppressions() -> list[dict[str, Any]]:
    """Return the suppressions that stand here; none where they are hashes of another key than ours."""
    with reading(), db.engine.connect() as connection:
        if not inspect(connection).has_table("suppression"):
            return []
        if connection.scalar(select(Installation.key_fingerprint)) != signing.key("fingerprint").hex():
            return []
        return [dict(row) for row in connection.execute(select(Suppression.__table__)).mappings()]


def _keep_suppressed(blocked: Sequence[dict[str, Any]]) -> int:
    """Block again who left after the backup was made; return how many suppressions are new or harder than in it."""
    if not blocked:
        return 0
    done: Any = db.session.execute(suppression.BLOCK, blocked)
    return int(done.rowcount)


def _prepare(revision: str) -> None:
    """Bring the tables to that revision. Where they are at another one, what is in them is lost now."""
    here = _revision()
    if here == revision:
        return
    if here is not None:
        downgrade(revision="base")
    upgrade(revision=revision)


def _put_files(reader: Reader) -> None:
    instance = Path(current_app.config["INSTANCE_PATH"])
    for member in reader.manifest.members:
        if found := file_named(member):
            folder, name = found
            if folder not in registries.kept_files:
                raise Faulty(f"It holds {member!r}, which no backup of ours does.")
            (instance / folder).mkdir(mode=0o700, exist_ok=True)
            _put(reader, member, instance / folder / name)


def _put(reader: Reader, member: str, target: Path) -> None:
    draft = target.with_name(f"{target.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for block in reader.blocks(member):
            file.write(block)
    draft.replace(target)
