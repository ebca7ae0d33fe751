"""`crm import`: files from the command line. Exit code 1 where a file cannot be used, 2 where the call is wrong."""

from pathlib import Path

import click
from flask.cli import AppGroup

from crm.extensions import db
from crm.transfer import contact_command, influencers
from crm.transfer.influencers import BadRows
from crm.transfer.legislators import UnknownCommittee
from crm.transfer.plain_yaml import Unreadable

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_SHOWN = 50


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Read people from files."""


@import_group.command("influencers")
@click.argument("file", type=FILE)
@click.option("--committees", type=FILE, help="Who sits on them: committee-membership-current.yaml.")
@click.option("--committee", "codes", multiple=True, help="Only members of this committee, e.g. HSED; repeatable.")
def import_influencers(file: Path, committees: Path | None, codes: tuple[str, ...]) -> None:
    """Make people influencers, from CSV or the YAML of the congress-legislators project: all of them or none."""
    if codes and not committees:
        raise click.UsageError("--committee needs --committees FILE, which says who sits on it.")
    if committees and not influencers.is_yaml(file):
        raise click.UsageError("--committees goes with a YAML file of legislators.")
    try:
        result = influencers.run(file, committees, codes)
    except UnknownCommittee as error:
        raise click.BadParameter(str(error), param_hint="--committee") from error
    except Unreadable as error:
        raise click.ClickException(f"{error} Nothing was imported.") from error
    except BadRows as error:
        for row in error.rows[:MOST_SHOWN]:
            click.echo(row, err=True)
        raise click.ClickException(f"{error}. Nothing was imported; mend them and run it again.") from error
    db.session.commit()
    click.echo(result)


import_group.add_command(contact_command.import_contacts)
