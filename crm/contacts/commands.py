"""`crm contact`."""

import json

import click
from flask.cli import AppGroup, with_appcontext

from crm.contacts import listing
from crm.contacts.status import WORDS


@click.group(cls=AppGroup)
def contact() -> None:
    """People on record."""


@contact.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--status", type=click.Choice(list(WORDS)), help="Only people of this status.")
@with_appcontext
def list_contacts(as_json: bool, status: str | None) -> None:
    """Print everybody in the order in which they were added; topics are those of the status."""
    described = listing.definition({"status": status} if status else {})
    for batch in listing.in_batches(described):
        for person, standing in batch:
            source = person.source.label if person.source else ""
            if as_json:
                topics = [slug for slug, state in standing.topics.items() if state == standing.word]
                found = {"id": person.id, "email": person.email, "status": standing.word, "topics": topics}
                click.echo(json.dumps({**found, "source": source}, ensure_ascii=False))
            else:
                click.echo(f"{person.id}\t{person.email or ''}\t{standing.word}\t{source}")
