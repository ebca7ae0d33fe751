"""`crm doctor`."""

import json
import sys
from dataclasses import asdict
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from crm.site.doctor import visit


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: name, state, found, mend.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Say what is misconfigured, and how to mend it; ends with 1 where there is an error."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    rows = [*visit.here(app), *visit.outside(app)]
    for row in rows:
        if as_json:
            click.echo(json.dumps(asdict(row), ensure_ascii=False))
            continue
        click.echo(f"{row.state:8} {row.name}: {row.found}")
        if row.mend:
            click.echo(f"{'':8} → {row.mend}")
    sys.exit(1 if any(row.state == "error" for row in rows) else 0)
