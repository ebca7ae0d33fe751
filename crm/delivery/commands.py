"""`crm deliveries …`: look after the ledger."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from crm.base import clock, database
from crm.delivery import pruning
from crm.delivery.models import FINAL, Message
from crm.delivery.pruned import Count
from crm.extensions import db

deliveries = AppGroup("deliveries", help="Deliveries: prune.")
MOST = 500  # messages a question


@deliveries.command("prune")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def prune(dry_run: bool, as_json: bool) -> None:
    """Count and delete all copies at once that are done and older than KEEP_DELIVERIES_DAYS.

    Prints a line for each message: its id, when it was written, its age in days, its old copies by state, its subject.
    Workers do the same by and by. It may be stopped and run again.
    """
    moment = pruning.before()
    if moment is None:
        click.echo("KEEP_DELIVERIES_DAYS is 0: copies are kept for good.", err=True)
        return
    found: Counter[Count] = Counter()
    for step in pruning.look_at_all(moment) if dry_run else pruning.prune_all(moment):
        found += step
    for row in _answers(found):
        click.echo(json.dumps(row) if as_json else "\t".join(str(value) for value in row.values()))
    days = current_app.config["KEEP_DELIVERIES_DAYS"]
    done = "would be deleted" if dry_run else "were counted and deleted"
    click.echo(f"{found.total():,} copies older than {days} days {done}.", err=True)


def _answers(found: Counter[Count]) -> Iterator[dict[str, Any]]:
    ids = sorted({message_id for message_id, _ in found})
    for start in range(0, len(ids), MOST):
        with database.reading():
            some = Message.id.in_(ids[start : start + MOST])
            rows = db.session.execute(select(Message.id, Message.created_at, Message.subject).where(some)).all()
            db.session.rollback()
        for row in sorted(rows):
            states = {state: found[row.id, state] for state in FINAL}
            age = (clock.now() - row.created_at).days
            written = {"message": row.id, "written": row.created_at.date().isoformat(), "age_days": age}
            yield {**written, "copies": sum(states.values()), **states, "subject": row.subject}
