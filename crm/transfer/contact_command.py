"""`crm import contacts`."""

import json
import secrets
import sys
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy import delete, select

from crm.base import audit
from crm.extensions import db
from crm.transfer import columns, mending, outcome, runs, storage, tabular, work
from crm.transfer.models import CHECKING, DONE, RUNNING, ImportRun, RowFault


@click.command("contacts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--topic", "topics", multiple=True, help="Topic to subscribe to, by its short name; may be repeated.")
@click.option("--consent", default="", help="What proves the consent of rows that have no OPTIN or CONFIRM time.")
@click.option("--dry-run", is_flag=True, help="Count what would change, and change nothing.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where rows with errors are written.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object a file.")
@with_appcontext
def import_contacts(
    file: Path, topics: tuple[str, ...], consent: str, dry_run: bool, errors: Path | None, as_json: bool
) -> None:
    """Import people from a CSV export (or Mailchimp's ZIP) of another program."""
    try:
        prepared = _prepare(file, topics, consent)
    except tabular.Refused as error:
        raise click.ClickException(f"{error} Nothing was imported.") from error
    try:
        went = [_work_through(run_id, dry_run, errors, as_json) for run_id in prepared]
    finally:
        if dry_run:
            _forget(prepared)
    if not all(went):
        raise SystemExit(1)


def _prepare(file: Path, topics: tuple[str, ...], consent: str) -> list[int]:
    """Return the ids of imports that can begin; where one cannot, no copy of the file stays. Raises Refused."""
    copies: list[UUID] = []
    try:
        with file.open("rb") as stream:
            found = runs.receive(stream, file.name, actor=audit.actor())
        copies = [run.public_id for run in found]
        for run in found:
            runs.settle_terms(run, mapping=run.mapping, holds=run.holds, topics=topics, consent=consent)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        for public_id in copies:
            storage.remove(public_id)
        raise
    return [run.id for run in found]


def _work_through(run_id: int, dry_run: bool, errors: Path | None, as_json: bool) -> bool:
    """Check or import one file, print what came of it, and return whether it went through."""
    run = db.session.get_one(ImportRun, run_id)
    runs.start(run, CHECKING if dry_run else RUNNING, owner=secrets.token_hex(8))
    db.session.commit()
    try:
        work.advance(run, _show_progress)
    except KeyboardInterrupt:
        raise _stopped(run_id, dry_run) from None
    run = db.session.get_one(ImportRun, run_id, populate_existing=True)
    sys.stderr.write("\n")
    _report(run, errors, as_json)
    return run.state in work.AFTER.values()


def _report(run: ImportRun, errors: Path | None, as_json: bool) -> None:
    if run.state not in work.AFTER.values():
        click.echo(f"{run.filename}: {run.message or 'stopped'}", err=True)
        return
    click.echo(json.dumps(outcome.numbers(run)) if as_json else _in_words(run))
    if left := columns.ignored(run.header, run.mapping):
        click.echo(f"Columns that are not read: {', '.join(left)}", err=True)
    if run.counts.get("errors"):
        _write_errors(run, errors or Path(f"{Path(run.filename).stem}.errors.csv"))


def _in_words(run: ImportRun) -> str:
    done = "imported" if run.state == DONE else "would be imported"
    head = f"{run.filename}: {run.total} rows ({columns.LABELS[run.program]}) {done}"
    return "\n".join([head, *(f"{number:>8} {meaning}" for _, meaning, number in outcome.counted(run))])


def _write_errors(run: ImportRun, target: Path) -> None:
    for fault in mending.faults(run, limit=5):
        click.echo(f"row {fault.number}: {fault.message}", err=True)
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            file.writelines(mending.lines(run))
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror}; name another with --errors") from error
    click.echo(f"The rows with errors stand in {target}: mend them there and import that file.", err=True)


def _show_progress(run: ImportRun) -> bool:
    sys.stderr.write(f"\r{run.filename}: {run.position} of {run.total} rows")
    sys.stderr.flush()
    return True


def _stopped(run_id: int, dry_run: bool) -> click.ClickException:
    """Stop for good, so that no worker takes the import up, and return what ends the command."""
    db.session.rollback()
    run = db.session.get_one(ImportRun, run_id, populate_existing=True)
    runs.stop(run)
    db.session.commit()
    if dry_run:
        return click.ClickException("Stopped. Nothing was imported.")
    done = f"{run.position} of {run.total} rows of {run.filename} are imported and stay"
    return click.ClickException(f"Stopped: {done}. Go on at People, Import, or import the file again.")


def _forget(run_ids: list[int]) -> None:
    db.session.rollback()
    for run in db.session.scalars(select(ImportRun).where(ImportRun.id.in_(run_ids))):
        storage.remove(run.public_id)
        db.session.execute(delete(RowFault).where(RowFault.run_id == run.id))
        db.session.delete(run)
    db.session.commit()
