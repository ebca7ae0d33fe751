"""Commands of the installation as a whole."""

import click
from flask.cli import with_appcontext

from crm.base.public_pages import public_url
from crm.site import installation


@click.command("setup-link")
@with_appcontext
def setup_link() -> None:
    """Print the address of the setup page, with the code that it asks for."""
    path = installation.path()
    if not path:
        raise click.ClickException("This installation is set up already. Log in instead.")
    click.echo(public_url(path))
