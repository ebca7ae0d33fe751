"""`crm dkim`: a key that signs all mail, and the DNS record that lets others verify it."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from crm.delivery import dkim, dkim_keys, mime
from crm.delivery.addresses import BadAddress, ascii_domain
from crm.organizations import coalition


@click.group(cls=AppGroup)
def dkim_group() -> None:
    """Signatures of the mail (DKIM)."""


@dkim_group.command()
@click.option("--ed25519", "is_ed25519", is_flag=True, help="A key for the second, shorter signature.")
@click.option("--selector", help="Its name in the DNS; default: DKIM_SELECTOR, or DKIM_ED25519_SELECTOR.")
@click.option("--domain", help="Whose DNS shows it; default: DKIM_DOMAIN, or the sender's domain.")
@click.option("--out", type=click.Path(path_type=Path), help="The file; default: dkim-SELECTOR.pem in INSTANCE_PATH.")
def keygen(is_ed25519: bool, selector: str | None, domain: str | None, out: Path | None) -> None:
    """Make a key file (0600), and print the DNS record."""
    setting = "DKIM_ED25519" if is_ed25519 else "DKIM"
    selector = selector or current_app.config[f"{setting}_SELECTOR"]
    if not dkim_keys.SELECTOR.fullmatch(selector):
        raise click.ClickException(f"{selector!r} is no selector: write letters, digits and hyphens.")
    try:
        domain = ascii_domain(domain or current_app.config["DKIM_DOMAIN"] or sender_domain() or "your-domain.example")
    except BadAddress as error:
        raise click.ClickException(str(error)) from error
    path = out or Path(current_app.config["INSTANCE_PATH"]) / f"dkim-{selector}.pem"
    try:
        key = dkim.Key(dkim_keys.make(path, is_ed25519=is_ed25519), selector)
    except FileExistsError as error:
        raise click.ClickException(
            f"{path} stands there already; a new key needs a new --selector or --out."
        ) from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    click.echo(dkim_keys.record_line(key, domain))
    click.echo(
        f"Put this record into the DNS of {domain}. When `crm doctor` finds it there, set\n"
        f"{setting}_PRIVATE_KEY_FILE={path}\n{setting}_SELECTOR={selector}",
        err=True,
    )


def sender_domain() -> str:
    """Return the domain of the address that mail comes from; empty where none is known yet."""
    try:
        found = coalition.current()
    except SQLAlchemyError:  # No tables yet.
        found = None
    sender = found.sender_email if found else current_app.config["MAIL_DEFAULT_SENDER"]
    try:
        return mime.mailbox(sender or "")[1].rpartition("@")[2]
    except ValueError:
        return ""
