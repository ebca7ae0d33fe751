"""`crm user`: accounts from the command line.

A password is typed at a terminal, or comes as the first line of standard input where --password-stdin says so.
"""

import sys

import click
from flask.cli import AppGroup

from crm.accounts import forms, invitations, login, passwords, users
from crm.accounts.permissions import ROLES
from crm.extensions import db
from crm.organizations import members

FROM_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group(cls=AppGroup)
def user() -> None:
    """Staff users."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Default: the address.")
@click.option("--organization", default="", help="Name of the member organization. Default: the coalition.")
@FROM_STDIN
def create(email: str, role: str, name: str, organization: str, password_stdin: bool) -> None:
    """Add a user, and print the address; without a password also the link by which to set one, good for 7 days."""
    address = _address(email)
    password = _password(password_stdin, address, name)
    try:
        added = users.add(address, name or address, role, password, organization_id=_organization(organization))
    except users.Refused as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(added.email)
    if not password:
        click.echo(invitations.url(added, invitations.INVITATION))


@user.command("password")
@click.argument("email")
@FROM_STDIN
def password(email: str, password_stdin: bool) -> None:
    """Set a new password, and end the user's sessions."""
    found = login.by_email(email)
    if not found:
        raise click.ClickException(f"Nobody has the address {email}. `crm user create` adds a user.")
    typed = _password(password_stdin, found.email, found.name)
    if not typed:
        raise click.UsageError("Without a terminal, --password-stdin reads the password from standard input.")
    users.set_password(found, typed)
    db.session.commit()
    click.echo(found.email)


def _organization(name: str) -> int | None:
    if not name:
        return None
    for number, known in members.names():
        if known.casefold() == name.strip().casefold():
            return number
    raise click.ClickException(f"No member organization is called {name}.")


def _address(email: str) -> str:
    try:
        return forms.normal(email)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from error


def _password(from_stdin: bool, *about: str) -> str:
    """Return what was typed or piped, '' without a terminal; what it is about (address, name) may not be in it."""
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        typed = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        return ""
    if fault := passwords.fault(typed, *about):
        raise click.ClickException(fault)
    return typed
