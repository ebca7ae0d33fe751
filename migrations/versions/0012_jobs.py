"""The job queue of Procrastinate, on PostgreSQL only, as the locked version of the package describes it.

When the locked version changes, a migration of its own brings older installations to the new tables.
"""

from importlib import resources

from alembic import op

revision = "0012"
down_revision = "0011"

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
    if op.get_bind().dialect.name == "postgresql":
        _execute(resources.files("procrastinate").joinpath("sql/schema.sql").read_text())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _execute(REMOVE)


def _execute(script: str) -> None:
    op.get_bind().connection.dbapi_connection.execute(script)  # Many statements at once, without placeholders.
