"""`crm demo`: sample data."""

import click
from flask.cli import AppGroup

from crm.base.public_pages import public_url
from crm.extensions import db
from crm.site.demo import coalition, loading

demo = AppGroup("demo", help="Sample data.")


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where somebody has begun already.")
def load(if_empty: bool) -> None:
    """Add a sample coalition with a year behind it, and print its login."""
    if if_empty and not loading.is_empty():
        return
    try:
        counts = loading.load()
    except loading.NotNow as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(", ".join(f"{number} {what}" for what, number in counts.items()))
    if coalition.login_works():
        click.echo(f"{public_url('/login')}: {coalition.ADMIN} {coalition.password()}")


@demo.command("clear")
def clear() -> None:
    """Remove the sample data, and nothing else."""
    try:
        removed = loading.clear()
    except loading.NotNow as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{removed} rows of sample data removed")
