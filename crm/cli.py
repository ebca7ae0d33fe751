"""The `crm` commands: each one line into a subject. Answers go to standard output, logs to standard error."""

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup
from flask_migrate import upgrade as upgrade_database

from crm import create_app, timetable
from crm.accounts import commands as accounts_commands
from crm.base import garbage, keys
from crm.contacts import commands as contacts_commands
from crm.delivery import commands as delivery_commands
from crm.delivery import worker as delivery_worker
from crm.delivery.bounces import commands as bounces_commands
from crm.influencers import commands as influencers_commands
from crm.mailings import commands as mailings_commands
from crm.site import commands as site_commands
from crm.site import dkim_commands, entrance, health
from crm.site import up as site_up
from crm.site.backup import commands as backup_commands
from crm.site.demo import commands as demo_commands
from crm.site.doctor import commands as doctor_commands
from crm.transfer import commands as transfer_commands

# They run with a wrong SECRET_KEY too: help, the tables and backups need none (a restore asks for that of the
# backup), the doctor tells of it.
ANY_KEY = {None, "db", "doctor", "backup"}
# They wait for the database, or need none.
ANY_TABLES = ANY_KEY | {"worker", "sender", "dkim"}
PARENT = click.option("--parent", type=int, help="End when this process is not the parent any more.")


def _load() -> Flask:
    app = create_app()
    command = click.get_current_context().find_root().invoked_subcommand
    with app.app_context():
        if command not in ANY_KEY:
            keys.check()
        if command not in ANY_TABLES and (found := health.problems()):
            raise click.ClickException(" ".join(found.values()))
    garbage.leave_out_what_is_loaded()
    return app


@click.group(cls=FlaskGroup, create_app=_load, add_default_commands=False, add_version_option=False)
def main() -> None:
    """Groundswell: an advocacy and constituency CRM for coalitions."""


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date."""
    upgrade_database()


@main.command()
@click.option("--port", default=5000, show_default=True, help="Where the web server listens.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 inside a container.")
def up(port: int, host: str) -> None:
    """Run web, worker and, where MAIL_SERVER is unset, the local mailbox."""
    try:
        site_up.run(current_app.config, host, port, way_in=entrance.lines())
    except site_up.CannotStart as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--processes", default=1, show_default=True, help="How many senders run at once.")
@click.option("--until-idle", is_flag=True, help="Tick at once, and end when nothing is due, in flight or unsettled.")
@PARENT
def worker(processes: int, until_idle: bool, parent: int | None) -> None:
    """Run background work: the recurring jobs, and the sending of mail."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    delivery_worker.run(app, timetable.JOBS, timetable.TASKS, processes=processes, until_idle=until_idle, parent=parent)


@main.command(hidden=True)
@click.option("--until-idle", is_flag=True)
@PARENT
def sender(until_idle: bool, parent: int | None) -> None:
    """Send mail in this process (`crm worker` starts it)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    delivery_worker.run_sender(app, until_idle=until_idle, parent=parent)


main.add_command(accounts_commands.user)
main.add_command(influencers_commands.influencer)
main.add_command(transfer_commands.import_group)
main.add_command(demo_commands.demo)
main.add_command(site_commands.setup_link)
main.add_command(mailings_commands.mailing)
main.add_command(contacts_commands.contact)
main.add_command(delivery_commands.deliveries)
main.add_command(bounces_commands.bounces)
main.add_command(dkim_commands.dkim_group, "dkim")
main.add_command(doctor_commands.doctor)
main.add_command(backup_commands.backup)
