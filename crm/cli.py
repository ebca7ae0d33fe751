"""The `crm` commands: each one line into a subject. Answers go to standard output, logs to standard error."""

import click
from flask.cli import FlaskGroup
from flask_migrate import upgrade as upgrade_database

from crm import create_app


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False)
def main() -> None:
    """Groundswell: an advocacy and constituency CRM for coalitions."""


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date."""
    upgrade_database()
