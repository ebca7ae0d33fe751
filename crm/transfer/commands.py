"""`crm import`: files from the command line. Exit code 1 where a file cannot be used, 2 where the call is wrong."""

import dataclasses
import json
from pathlib import Path

import click
from flask.cli import AppGroup

from crm.contacts.districts import Counts
from crm.transfer import contact_command, districts, influencers
from crm.transfer.influencers import BadRows, Result
from crm.transfer.legislators import UnknownCommittee
from crm.transfer.plain_yaml import Unreadable
from crm.transfer.tabular import Refused

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_SHOWN = 50


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Read people, and what is known of places, from files."""


@import_group.command("influencers")
@click.argument("file", type=FILE)
@click.option("--committees", type=FILE, help="Who sits on them: committee-membership-current.yaml.")
@click.option("--committee", "codes", multiple=True, help="Only members of this committee, e.g. HSED; repeatable.")
@AS_JSON
def import_influencers(file: Path, committees: Path | None, codes: tuple[str, ...], as_json: bool) -> None:
    """Make people influencers, from CSV or the YAML of the congress-legislators project.

    The whole file is checked first: one bad row, and nothing is imported.
    """
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
        raise _listed(error) from error
    _tell(result, as_json)


@import_group.command("districts")
@click.argument("file", type=FILE)
@AS_JSON
def import_districts(file: Path, as_json: bool) -> None:
    """Replace the congressional districts of ZIP codes by those of a CSV file: zcta, state_abbr, cd."""
    try:
        counts = districts.run(file)
    except Refused as error:
        raise click.ClickException(f"{error} Nothing was imported.") from error
    except BadRows as error:
        raise _listed(error) from error
    _tell(counts, as_json)


def _tell(counts: Result | Counts, as_json: bool) -> None:
    click.echo(json.dumps(dataclasses.asdict(counts)) if as_json else counts)


def _listed(error: BadRows) -> click.ClickException:
    """Print the bad rows, and return what ends the command."""
    for row in error.rows[:MOST_SHOWN]:
        click.echo(row, err=True)
    return click.ClickException(f"{error}. Nothing was imported; mend them and run it again.")


import_group.add_command(contact_command.import_contacts)
