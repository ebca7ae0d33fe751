"""What can be seen on this machine and in the database, without the network."""

import os
import shutil
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm.base import clock
from crm.extensions import db
from crm.organizations.models import Coalition
from crm.site import health, mail_waits
from crm.site.backup import last
from crm.site.doctor.rows import Row, error, ok, warning
from crm.site.outbox.standing import age

# sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, but mended in 3.44.6 and 3.50.7.
AFFECTED = [((3, 7, 0), (3, 44, 6)), ((3, 45, 0), (3, 50, 7)), ((3, 51, 0), (3, 51, 3))]
NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.glusterfs",
    "lustre",
    "ncpfs",
}
MOUNTS = Path("/proc/self/mounts")
LATE_SECONDS = 120
LITTLE, VERY_LITTLE = 1024**3, 100 * 1024**2  # bytes
SHORT_KEY = 32
BACKUP_AGE = timedelta(days=2)


def database() -> Row:
    """Which database, and whether this version of it is sound."""
    name = "Database"
    try:
        if db.engine.dialect.name == "postgresql":
            return ok(name, f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}")
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as trouble:
        return error(
            name, f"It does not answer: {type(trouble).__name__}.", "Look at DATABASE_URL, and whether it runs."
        )
    return sqlite(sqlite3.sqlite_version_info, Path(db.engine.url.database or ":memory:"))


def sqlite(version: tuple[int, ...], path: Path) -> Row:
    """Judge a version of SQLite, and where its file lies."""
    name, shown = "Database", f"SQLite {'.'.join(map(str, version))}"
    if (kind := file_system(path)) in NETWORK:
        mend = "Move the instance folder to a local disk, or use PostgreSQL (docs/operating.md)."
        return error(name, f"{shown} lies on a network file system ({kind}), where it can lose data.", mend)
    if any(first <= version[:3] < mended for first, mended in AFFECTED):
        found = (
            f"{shown} is among the versions (3.7.0–3.51.2) in which resetting the write-ahead log can damage the file."
        )
        mend = "We let one connection alone reset it, which avoids the fault. Better: SQLite 3.51.3, or PostgreSQL."
        return warning(name, found, mend)
    return ok(name, shown)


def file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the kind of file system that a path lies on; empty where that cannot be told."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    place = str(path.resolve())
    under = [(len(line[1]), line[2]) for line in lines if f"{place}/".startswith(f"{line[1].rstrip('/')}/")]
    return max(under, default=(0, ""))[1]


def migrations() -> Row:
    """Whether the tables fit this version of the program."""
    found = health.problems()
    if found:
        return error("Tables", next(iter(found.values())), "Run: crm db upgrade")
    return ok("Tables", "They are up to date.")


def worker() -> Row:
    """When a worker ran the recurring jobs last."""
    seconds = health.worker()["seconds_since_tick"]
    if seconds is None:
        return error("Worker", "No worker runs, so nothing is sent.", "Start `crm up`, or `crm worker`.")
    if seconds > LATE_SECONDS:
        mend = "Look at the log of `crm worker`; start it anew where it stands still."
        return warning("Worker", f"It ran the recurring jobs last {seconds:.0f} seconds ago.", mend)
    return ok("Worker", f"It ran the recurring jobs {seconds:.0f} seconds ago.")


def senders() -> Row:
    """How many sender processes live on this machine: each holds its journals locked."""
    number = health.senders_here()
    if number:
        return ok("Senders", f"{number} {'runs' if number == 1 else 'run'} on this machine.")
    if db.engine.dialect.name == "postgresql":
        mend = "On a host that shall send, start `crm worker`."
        return warning("Senders", "None runs on this machine. Others may run elsewhere.", mend)
    mend = "Look at the log of `crm worker`, which starts them and says why they end."
    return error("Senders", "None runs, so nothing is sent.", mend)


def outbox() -> Row:
    """Whether mail waits that should have gone."""
    waits = mail_waits.look()
    if waits is None:
        return ok("Outbox", "No mail is late.")
    number = f"More than {waits.number}" if waits.many else str(waits.number)
    reason = f" The mail server said: {waits.reason}" if waits.reason else ""
    mend = "See the rows Mail server and Worker. It is tried again by itself."
    return warning("Outbox", f"{number} mails are late.{reason}", mend)


def public_url(config: dict[str, Any]) -> Row:
    """Whether links in mail lead to a safe address that others can open."""
    url = config["PUBLIC_URL"]
    parts = urlsplit(url)
    mend = "Set PUBLIC_URL to the https:// address that visitors use."
    if config["DEVELOPMENT"]:
        return ok("Public address", f"{url} (DEVELOPMENT is on)")
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return error("Public address", f"Links in mail lead to {url}, this machine alone.", mend)
    if parts.scheme != "https":
        return error("Public address", f"{url} is not https; one-click unsubscribing and safe logins need it.", mend)
    return ok("Public address", url)


def postal_address(config: dict[str, Any], coalition: Coalition | None) -> Row:
    """The law asks for it in every mailing."""
    address = coalition.postal_address if coalition else config["POSTAL_ADDRESS"]
    if not (address or "").strip():
        return error("Postal address", "There is none; every mailing must show one.", "Enter it in the settings.")
    return ok("Postal address", " ".join(address.split()))


def secret_key(config: dict[str, Any]) -> Row:
    """Whether the key that signs all links is long, and readable by its owner alone."""
    name, path = "Secret key", Path(config["INSTANCE_PATH"]) / "secret_key"
    mend = "Make a long one before the first mail goes out: changing it later breaks every link that was ever sent."
    if len(config["SECRET_KEY"]) < SHORT_KEY:
        return error(name, f"It has {len(config['SECRET_KEY'])} characters; {SHORT_KEY} are the least.", mend)
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return error(name, f"Others on this machine can read {path}.", f"Run: chmod 600 {path}")
    return ok(name, "It is long enough and closed to others.")


def backup() -> Row:
    """How old the last good backup is."""
    mend = (
        "Make one every night: deploy/groundswell-backup.timer for systemd, or in a crontab "
        "`17 3 * * * crm backup create --keep 14`. Then copy it to another machine."
    )
    found = last.good()
    if found is None:
        return warning("Backup", "There never was one.", mend)
    old = clock.now() - found.made_at
    told = f"The last good one is {age(old)} old: {found.file}"
    return ok("Backup", told) if old < BACKUP_AGE else warning("Backup", told, f"Look why there is none since. {mend}")


def disk(config: dict[str, Any]) -> Row:
    """How much room the instance folder has."""
    path = config["INSTANCE_PATH"]
    free = shutil.disk_usage(path).free
    found = f"{free / 1024**3:.1f} GB are free at {path}."
    if not os.access(path, os.W_OK):
        return error("Disk", f"{path} cannot be written.", "Give it to the user that the program runs as.")
    if free < VERY_LITTLE:
        return error("Disk", found, "Make room now: without it nothing can be written down, and sending stops.")
    return warning("Disk", found, "Make room soon.") if free < LITTLE else ok("Disk", found)
