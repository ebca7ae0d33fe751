"""`crm import`: files from the command line. Exit code 1 where a file cannot be used, 2 where the call is wrong."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from crm.contacts.districts import Counts
from crm.influencers.offices import passing_on
from crm.transfer import contact_command, districts, influencers
from crm.transfer.influencers import BadRows, EndsMany, Result
from crm.transfer.legislators import UnknownCommittee
from crm.transfer.plain_yaml import Unreadable
from crm.transfer.tabular import Refused

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
MOST_SHOWN = 50


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Read people, and what is known of places, from files."""


@import_group.command("influencers")
@click.argument("file", type=FILE)
@click.option("--committees", type=FILE, help="Who sits on them: committee-membership-current.yaml.")
@click.option("--committee", "codes", multiple=True, help="Only members of this committee, e.g. HSED; repeatable.")
@click.option("--ends-many", is_flag=True, help="Go on where more than a third of the offices or seats end.")
@AS_JSON
def import_influencers(
    file: Path, committees: Path | None, codes: tuple[str, ...], ends_many: bool, as_json: bool
) -> None:
    """Make people influencers, from CSV or the YAML of the congress-legislators project.

    The whole file is checked first: one bad row, and nothing is imported. A later file of legislators ends the offices
    and committee seats of those whom it names no more; they stay influencers.
    """
    if codes and not committees:
        raise click.UsageError("--committee needs --committees FILE, which says who sits on it.")
    if committees and not influencers.is_yaml(file):
        raise click.UsageError("--committees goes with a YAML file of legislators.")
    try:
        result = influencers.run(file, committees, codes, ends_many=ends_many)
    except UnknownCommittee as error:
        raise click.BadParameter(str(error), param_hint="--committee") from error
    except Unreadable as error:
        raise click.ClickException(f"{error} Nothing was imported.") from error
    except EndsMany as error:
        raise click.ClickException(f"{error} Nothing was imported; if it is right, add --ends-many.") from error
    except BadRows as error:
        raise _listed(error) from error
    _tell(result, as_json)
    if waiting := passing_on.count(None) if result.offices_ended else 0:
        click.echo(f"{waiting} open asks of former holders wait: {passing_on.url()}", err=True)


@import_group.command("districts")
@click.argument("file", type=FILE)
@click.option("--valid-from", type=DAY, help="The day since which they hold, e.g. 2025-01-03.")
@AS_JSON
def import_districts(file: Path, valid_from: datetime | None, as_json: bool) -> None:
    """Replace the congressional districts of ZIP codes by those of a CSV file: zcta, state_abbr, cd."""
    try:
        counts = districts.run(file, valid_from.date() if valid_from else None)
    except Refused as error:
        raise click.ClickException(f"{error} Nothing was imported.") from error
    except BadRows as error:
        raise _listed(error) from error
    _tell(counts, as_json)
    if remark := districts.remark():
        click.echo(remark, err=True)


def _tell(counts: Result | Counts, as_json: bool) -> None:
    click.echo(json.dumps(dataclasses.asdict(counts)) if as_json else counts)


def _listed(error: BadRows) -> click.ClickException:
    """Print the bad rows, and return what ends the command."""
    for row in error.rows[:MOST_SHOWN]:
        click.echo(row, err=True)
    return click.ClickException(f"{error}. Nothing was imported; mend them and run it again.")


import_group.add_command(contact_command.import_contacts)
