"""`crm user`: accounts from the command line.

A password is typed at a terminal, or comes as the first line of standard input.
"""

import sys

import click
from flask.cli import AppGroup

from crm.accounts import forms, invitations, login, passwords, users
from crm.accounts.permissions import ROLES
from crm.extensions import db


@click.group(cls=AppGroup)
def user() -> None:
    """Staff users."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Default: the address.")
def create(email: str, role: str, name: str) -> None:
    """Add a user, and print the address; without a password also the link by which to set one, good for 7 days."""
    address = _address(email)
    password = _password(address, name)
    try:
        added = users.add(address, name or address, role, password)
    except users.Refused as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(added.email)
    if not password:
        click.echo(invitations.url(added, invitations.INVITATION))


@user.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Set a new password, and end the user's sessions."""
    found = login.by_email(email)
    if not found:
        raise click.ClickException(f"Nobody has the address {email}. `crm user create` adds a user.")
    typed = _password(found.email, found.name)
    if not typed:
        raise click.UsageError("Give the new password as the first line of standard input.")
    users.set_password(found, typed)
    db.session.commit()
    click.echo(found.email)


def _address(email: str) -> str:
    try:
        return forms.normal(email)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from error


def _password(*about: str) -> str:
    """Return what was typed or piped, '' where nothing is piped; what it is about (address, name) may not be in it."""
    if sys.stdin.isatty():
        typed = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    if typed and (fault := passwords.fault(typed, *about)):
        raise click.ClickException(fault)
    return typed
