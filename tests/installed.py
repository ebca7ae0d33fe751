"""The installation of most tests is set up alike: made row by row once in a process, then written in one go."""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select

from crm.base import clock
from crm.contacts.models import ConsentWording, Topic
from crm.extensions import db
from crm.organizations.models import Coalition
from tests import factories

_rows: list[tuple[Table, list[dict[str, Any]]]] = []


def set_up() -> None:
    """Set an empty installation up: coalition, three topics, consent wordings in three languages. Commits."""
    if _rows:
        for table, rows in _rows:
            db.session.execute(insert(table), [_made_now(row) for row in rows])
    else:
        _make()
        _rows.extend((model.__table__, _rows_of(model.__table__)) for model in (Coalition, Topic, ConsentWording))
    db.session.commit()


def _make() -> None:
    factories.make_coalition()
    for language in ("en", "es", "ar"):
        factories.make_wording(language)


def _rows_of(table: Table) -> list[dict[str, Any]]:
    """Return the rows in their order, without ids: an empty database gives the same ones."""
    rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def _made_now(row: dict[str, Any]) -> dict[str, Any]:
    return {name: clock.now() if isinstance(value, datetime) else value for name, value in row.items()}
