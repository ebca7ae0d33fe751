"""`crm inbound …`: copies of mail that staff send in, and replies to mailings, from files or over LMTP and SMTP."""

import json
import signal
import threading
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from crm.delivery.bounces import files
from crm.delivery.bounces.mails import Mail
from crm.extensions import db
from crm.influencers.inbound import listening
from crm.influencers.inbound.keeping import Outcome
from crm.influencers.inbound.receiving import receive

inbound = AppGroup("inbound", help="Copies of mail that staff send in, and replies to mailings: read, listen.")
PATH = click.Path(exists=True, allow_dash=True, path_type=Path)


@inbound.command("read")
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def read(path: Path, as_json: bool) -> None:
    """Read copies of mail and replies from a maildir, an mbox, a folder of .eml, one .eml, or standard input (-).

    A copy is logged, or waits for its user; a reply stands among the replies. One that was read before does nothing
    again. What was sent to no present address is refused.
    """
    try:
        for mail in files.mails(path):
            outcomes = receive(mail)
            db.session.commit()
            for outcome in outcomes:
                answer = _answer(mail, outcome)
                click.echo(json.dumps(answer) if as_json else "\t".join(str(one or "-") for one in answer.values()))
    except OSError as error:
        raise click.ClickException(f"{error.filename or path} cannot be read: {error.strerror}") from error


@inbound.command("listen")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8024, show_default=True)
@click.option("--lmtp", is_flag=True, help="Speak LMTP, as Postfix' lmtp(8) does, instead of SMTP.")
def listen(host: str, port: int, lmtp: bool) -> None:
    """Take copies of mail and replies over SMTP or LMTP until SIGTERM; each is written down before it is accepted."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    server = listening.Server(app, host, port, lmtp=lmtp)
    try:
        server.start()
    except OSError as error:
        raise click.ClickException(f"Nobody can listen on {host}, port {port}: {error.strerror or error}") from error
    click.echo(f"Listening for {'LMTP' if lmtp else 'SMTP'} on {host}, port {port}.", err=True)
    ended.wait()
    server.stop()


def _answer(mail: Mail, outcome: Outcome) -> dict[str, str | int | None]:
    return {
        "file": mail.name,
        "outcome": outcome.state,
        "user": outcome.user,
        "interaction": outcome.interaction_id,
        "reply": outcome.reply_id,
    }
