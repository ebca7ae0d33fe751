"""The job queue of Procrastinate 3.10, on PostgreSQL only; a newer one comes as a migration of its own."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

SCHEMA = Path(__file__).parent.parent / "procrastinate_3.10.sql"  # As the package ships it (MIT license).
REMOVE = """
DO $$
DECLARE found regprocedure;
BEGIN
    FOR found IN SELECT oid FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', found);
    END LOOP;
END;
$$;
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers;
DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def upgrade() -> None:
    _execute(SCHEMA.read_text())


def downgrade() -> None:
    _execute(REMOVE)


def _execute(script: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.connection.dbapi_connection.execute(script)  # Many statements at once, without placeholders.
