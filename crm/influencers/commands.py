"""`crm influencer`: influencers from the command line."""

import json

import click
from flask.cli import AppGroup

from crm.base import database
from crm.influencers import listing


@click.group(cls=AppGroup)
def influencer() -> None:
    """Influencers."""


@influencer.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def list_all(as_json: bool) -> None:
    """Print all influencers."""
    with database.reading():
        for row in listing.rows():
            columns = [str(row[name] or "-") for name in ("id", "name", "organization", "stage", "owner", "open_asks")]
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(columns))
