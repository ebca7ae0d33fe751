"""`crm mailing …`: write, schedule and watch mailings from the command line, as an admin."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from crm.base import clock, database, wall_clock
from crm.delivery import pruned
from crm.delivery.models import STATES, Delivery
from crm.extensions import db
from crm.mailings import checks, composing, identity, scheduling, sending_progress
from crm.mailings.models import KINDS, ON_UNCERTAIN, Mailing
from crm.mailings.waves import planning

BY = "command line"
mailing = AppGroup("mailing", help="Mailings: create, schedule, status, deliveries.")


@mailing.command("create")
@click.option("--subject", required=True)
@click.option("--body", "body_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--segment", required=True, help="The name of a segment, or all.")
@click.option("--kind", required=True, type=click.Choice(list(KINDS)))
@click.option("--topic", help="Slug of the topic it is sent under; default: the default topic.")
@click.option("--preheader", default="")
@click.option("--on-uncertain", type=click.Choice(list(ON_UNCERTAIN)), default="hold", show_default=True)
def create(subject: str, body_file: Path, segment: str, topic: str | None, **values: Any) -> None:
    """Make a draft of a .md or .html file, and print its id."""
    try:
        sent_under = composing.topic_named(topic)
        narrowed = None if segment == "all" else composing.segment_named(segment).id
        people = "topic" if topic else "all"
        values |= {"subject": subject, "topic_id": sent_under.id, "audience": {"people": people, "segment": narrowed}}
        made = composing.create(values | _read(body_file), by=BY)
    except composing.BadMailing as bad:
        raise click.UsageError(str(bad)) from bad
    db.session.commit()
    click.echo(made.id)


@mailing.command("schedule")
@click.argument("mailing_id", metavar="ID", type=int)
@click.option("--at", "time", required=True, help='now, 2026-12-01T09:00-05:00 or "2026-12-01T09:00 America/New_York"')
@click.option("--own-time", is_flag=True, help="At that hour of everybody's own time zone.")
@click.option("--over", "hours", default=0.0, help="Spread over so many hours.")
@click.option("--between", help="Only within these hours of the day, e.g. 08:00-20:00.")
def schedule(mailing_id: int, time: str, own_time: bool, hours: float, between: str | None) -> None:
    """Let a mailing go at a time, or now."""
    found = _load(mailing_id)
    try:
        planned = wall_clock.parse(time, clock.now(), identity.current().zone or "UTC")
        timing = planning.Timing(own_time, round(hours * 60), *wall_clock.hours(between))
        scheduling.schedule(found, planned, timing=timing)
    except wall_clock.BadTime as bad:
        raise click.UsageError(str(bad)) from bad
    except checks.NotReady as not_ready:
        raise click.ClickException("It cannot be scheduled yet:\n" + "\n".join(not_ready.faults)) from not_ready
    except scheduling.OutOfStep as out_of_step:
        raise click.ClickException(str(out_of_step)) from out_of_step
    db.session.commit()
    if planned.note:
        click.echo(planned.note, err=True)


@mailing.command("status")
@click.argument("mailing_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True)
def status(mailing_id: int, as_json: bool) -> None:
    """Print the state of a mailing and the number of its deliveries in each state."""
    with database.reading():
        answer = sending_progress.status(_load(mailing_id))
    click.echo(json.dumps(answer) if as_json else "\n".join(f"{name}: {value}" for name, value in answer.items()))


@mailing.command("deliveries")
@click.argument("mailing_id", metavar="ID", type=int)
@click.option("--state", type=click.Choice(STATES))
@click.option("--json", "as_json", is_flag=True)
def deliveries(mailing_id: int, state: str | None, as_json: bool) -> None:
    """Print one line for each recipient: address, state, attempts, smtp_code, sent_at."""
    with database.reading():
        for row in _rows(_load(mailing_id), state):
            click.echo(json.dumps(row) if as_json else "\t".join("" if v is None else str(v) for v in row.values()))
        if gone := pruned.told(sending_progress.gone(_load(mailing_id), state)):
            click.echo(gone, err=True)


def _rows(found: Mailing, state: str | None) -> Iterator[dict[str, Any]]:
    rows = db.session.scalars(sending_progress.deliveries(found, state).execution_options(yield_per=1000))
    for row in rows if found.messages else ():
        yield _answer(row)


def _answer(row: Delivery) -> dict[str, Any]:
    at = row.sent_at.isoformat() if row.sent_at else None
    answer = {"address": row.address, "state": row.state, "attempts": row.attempts, "smtp_code": row.smtp_code}
    return {**answer, "sent_at": at}


def _load(mailing_id: int) -> Mailing:
    found = db.session.get(Mailing, mailing_id)
    if found is None:
        raise click.ClickException(f"There is no mailing {mailing_id}.")
    return found


def _read(path: Path) -> dict[str, str]:
    kinds = {".md": "markdown", ".markdown": "markdown", ".txt": "markdown", ".html": "html", ".htm": "html"}
    if path.suffix.lower() not in kinds:
        raise composing.BadMailing(f"{path.name} is neither .md nor .html.")
    try:
        return {"body": path.read_text(encoding="utf-8-sig"), "markup": kinds[path.suffix.lower()]}
    except UnicodeDecodeError as error:
        raise composing.BadMailing(f"{path.name} is not UTF-8. Save it as UTF-8, and try again.") from error
