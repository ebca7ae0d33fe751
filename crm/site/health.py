"""Whether this installation can do its work: for load balancers, and for people who look."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from crm.config import ROOT
from crm.delivery import journal, sender, ticker
from crm.extensions import db


def problems() -> dict[str, str]:
    """Return what keeps the web server from serving, by subject; empty when it is ready."""
    try:
        with db.engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError as error:
        return {"database": f"The database does not answer: {type(error).__name__}"}
    if present != wanted():
        return {"migrations": "The tables are not up to date. Run: crm db upgrade"}
    return {}


def worker() -> dict[str, float | None]:
    """Return how many seconds ago a worker ticked last (None: none runs); the web server serves without one."""
    age = ticker.seconds_since_tick(db.engine, sender.journal_folder(current_app, sender.installation_id(db.engine)))
    return {"seconds_since_tick": age}


def senders_here() -> int:
    """Return how many sender processes of this installation live on this machine."""
    folder = sender.journal_folder(current_app, sender.installation_id(db.engine))
    return len({found.owner for found in journal.found_in(folder) if found.alive})


def wanted() -> set[str]:
    """Return the newest migrations of this version of the program."""
    return set(_scripts().get_heads())


def knows(revision: str) -> bool:
    """Return whether this version of the program has that migration."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)
