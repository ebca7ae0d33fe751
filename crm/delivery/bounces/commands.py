"""`crm bounces …`: read what came back from files."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from crm.base import database
from crm.delivery.bounces import blocks, files, recording
from crm.delivery.bounces.mails import Mail
from crm.delivery.bounces.recording import Verdict
from crm.extensions import db

bounces = AppGroup("bounces", help="Bounces and complaints: read.")
PATH = click.Path(exists=True, allow_dash=True, path_type=Path)


@bounces.command("read")
@click.argument("path", type=PATH)
@click.option("--dry-run", is_flag=True, help="Say what the mails mean, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def read(path: Path, dry_run: bool, as_json: bool) -> None:
    """Read bounces from a maildir, an mbox, a folder of .eml, one .eml, or standard input (-).

    Whatever a mail means for its address is done at once, and who asks to be unsubscribed is. A mail that was read
    before does nothing again.
    """
    try:
        for mail in files.mails(path):
            for verdict in _read(mail, dry_run):
                answer = _answer(mail, verdict)
                click.echo(json.dumps(answer) if as_json else "\t".join(answer.values()))
        if not dry_run:
            blocks.pause_refused()
    except OSError as error:
        raise click.ClickException(f"{error.filename or path} cannot be read: {error.strerror}") from error


def _read(mail: Mail, dry_run: bool) -> list[Verdict]:
    with database.looking():
        verdicts = recording.judge(mail)
    if not dry_run:
        recording.record("mail", mail.digest, verdicts, recording.excerpt(mail, verdicts))
        db.session.commit()
    return verdicts


def _answer(mail: Mail, verdict: Verdict) -> dict[str, str]:
    finding = verdict.finding
    return {
        "file": mail.name,
        "class": finding.kind,
        "status": finding.status,
        "recipient": verdict.address or finding.recipient,
        "attribution": verdict.attribution,
    }
