"""`crm backup`: create, verify, restore. Exit code 1 where a backup is not whole, or was not made or restored."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from crm.extensions import db
from crm.site.backup import making, restoring, verifying
from crm.site.backup.making import Made
from crm.site.backup.manifest import Faulty, Manifest

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
NO_KEY = "SECRET_KEY is not in it. Keep a copy of the key elsewhere, or blocked addresses are unknown after a restore."
AFTERWARDS = """\
Nothing is sent of what waited when the backup was made, until somebody says so in the staff area:
mailings under Mailings (resume or cancel), letters under Delivery, Uncertain.
Who unsubscribed, bounced or complained after that moment is known only where this installation had it on record.
Before you resume a mailing, see docs/operating.md, After a restore."""


@click.group(cls=AppGroup)
def backup() -> None:
    """Copies of this installation, made while it runs."""


@backup.command("create")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Default: BACKUP_FOLDER.")
@click.option("--keep", type=click.IntRange(min=1), help="Then delete the oldest beyond this number.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(folder: Path | None, keep: int | None, as_json: bool) -> None:
    """Write a backup, read it back to see that it is whole, and print its path."""
    default = current_app.config["BACKUP_FOLDER"] or Path(current_app.config["INSTANCE_PATH"]) / "backups"
    with _told():
        made = making.create((folder or Path(default)).resolve(), keep)
    click.echo(json.dumps(_answer(made)) if as_json else made.file)
    click.echo(NO_KEY, err=True)


@backup.command("verify")
@FILE
def verify(file: Path) -> None:
    """Read a backup from end to end, open its copy, and count its rows."""
    with _told():
        manifest = verifying.verify(file)
    click.echo(f"It is whole: {_in_words(manifest)}.")


@backup.command("restore")
@FILE
@click.option("--force", is_flag=True, help="Also where this installation holds something, which is lost then.")
@click.option("--key-lost", is_flag=True, help="Although SECRET_KEY is another one, because the old one is lost.")
def restore(file: Path, force: bool, key_lost: bool) -> None:
    """Put a backup in the place of this installation, and hold what it would send."""
    with _told():
        if lost := restoring.present():
            told = f"This installation holds {sum(lost.values()):,} rows, which a restore deletes: {_counted(lost)}."
            if not force:
                raise restoring.Refused(f"{told} With --force it does.")
            click.echo(told, err=True)
        restored = restoring.restore(file, key_lost=key_lost)
    click.echo(f"Restored: {_in_words(restored.manifest)}.")
    for label, number in restored.held.items():
        if number:
            click.echo(f"{label}: {number:,}")
    click.echo(AFTERWARDS, err=True)


@contextmanager
def _told() -> Iterator[None]:
    """Say in a line what went wrong."""
    try:
        yield
    except making.NoTables as error:
        raise click.ClickException("There are no tables yet. Run: crm db upgrade") from error
    except (Faulty, restoring.Refused) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, SQLAlchemyError, db.engine.dialect.loaded_dbapi.Error) as error:
        raise click.ClickException(f"{type(error).__name__}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _answer(made: Made) -> dict[str, object]:
    values = {"file": str(made.file), "size": made.size, "rows": made.rows, "made_at": made.made_at.isoformat()}
    return {**values, "seconds": made.seconds, "deleted": [str(path) for path in made.deleted]}


def _in_words(manifest: Manifest) -> str:
    rows, moment = sum(manifest.contents.rows.values()), f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{rows:,} rows of {moment} ({manifest.database})"


def _counted(lost: Mapping[str, int]) -> str:
    most = sorted(lost.items(), key=lambda entry: -entry[1])
    return ", ".join(f"{name} {number:,}" for name, number in most[:6]) + (" and more" if len(most) > 6 else "")
