"""`crm user`: accounts from the command line."""

import sys

import click
from flask.cli import AppGroup

from crm.accounts import forms, login, passwords, users
from crm.accounts.permissions import ROLES
from crm.extensions import db


@click.group(cls=AppGroup)
def user() -> None:
    """Staff users."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Default: the address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Add a user, and print the address."""
    address = _address(email)
    password = _password(password_stdin, address, name)
    try:
        added = users.add(address, name or address, role, password)
    except users.Refused as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(added.email)


@user.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(email: str, password_stdin: bool) -> None:
    """Set a new password, and end the user's sessions."""
    found = login.by_email(email)
    if not found:
        raise click.ClickException(f"Nobody has the address {email}. `crm user create` adds a user.")
    users.set_password(found, _password(password_stdin, found.email, found.name))
    db.session.commit()
    click.echo(found.email)


def _address(email: str) -> str:
    try:
        return forms.normal(email)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from error


def _password(from_stdin: bool, *about: str) -> str:
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if fault := passwords.fault(typed, *about):
        raise click.ClickException(fault)
    return str(typed)
