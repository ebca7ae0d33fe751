"""Alembic's environment: the application's engine and metadata, one transaction a migration."""

from alembic import context
from flask import current_app

import crm.cli  # noqa: F401 (so that every table is known, those of the sample data included)
from crm.base.jobs import is_ours

database = current_app.extensions["migrate"].db


def run() -> None:
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
            include_name=is_ours,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
            context.run_migrations()


run()
