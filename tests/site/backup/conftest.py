"""A second, entirely empty database, as on a new machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crm import create_app
from crm.extensions import db


@pytest.fixture
def fresh(bare_app: Flask, settings: dict, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a table; use its context."""
    instance = tmp_path / "fresh"
    url = f"sqlite:///{instance}/groundswell.sqlite3"
    if db.engine.dialect.name == "postgresql":
        url = _created(settings["DATABASE_URL"])
    new = create_app({**settings, "INSTANCE_PATH": str(instance), "DATABASE_URL": url})
    yield new
    with new.app_context():
        db.session.remove()
        db.engine.dispose()


def _created(beside: str) -> str:
    url = make_url(beside)
    name = f"fresh_{url.database}"
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
