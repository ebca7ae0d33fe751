"""Commands of the installation as a whole."""

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.site import installation


@click.command("setup-link")
@with_appcontext
def setup_link() -> None:
    """Print the address of the setup page, with the code that it asks for."""
    path = installation.path()
    if not path:
        raise click.ClickException("This installation is set up already. Log in instead.")
    click.echo(current_app.config["PUBLIC_URL"] + path)
