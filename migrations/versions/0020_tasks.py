"""Tasks, plan templates and plans; and the indexes of the day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

OPEN_STEP = "next_step <> '' AND next_step_done_at IS NULL"
DUE_STEP = "next_step_due IS NOT NULL AND next_step_done_at IS NULL"
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "plan_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_template")),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _refers("plan", "influencer_id", "influencer", "CASCADE"),
        _refers("plan", "template_id", "plan_template", "SET NULL"),
        _refers("plan", "started_by_id", "user"),
        _refers("plan", "organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_influencer_id"), "plan", ["influencer_id"], unique=False)
    _add_tasks()
    op.create_index("ix_interaction_held_on", "interaction", ["held_on"], unique=False)
    op.drop_index("ix_interaction_next_step", table_name="interaction")
    _partial_index("ix_interaction_next_step", "interaction", ["contact_id"], OPEN_STEP)
    _partial_index("ix_interaction_next_step_due", "interaction", ["next_step_due"], DUE_STEP)
    op.create_index(op.f("ix_snooze_until"), "snooze", ["until"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_snooze_until"), table_name="snooze")
    op.drop_index("ix_interaction_next_step_due", table_name="interaction")
    op.drop_index("ix_interaction_next_step", table_name="interaction")
    op.create_index("ix_interaction_next_step", "interaction", ["next_step_due", "next_step_done_at"], unique=False)
    op.drop_index("ix_interaction_held_on", table_name="interaction")
    for index in ("due", "assignee_due", "after_id", "plan_id", "ask_id", "influencer_id"):
        op.drop_index(f"ix_task_{index}", table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_plan_influencer_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_table("plan_template")


def _add_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _refers("task", "influencer_id", "influencer", "CASCADE"),
        _refers("task", "ask_id", "ask", "SET NULL"),
        _refers("task", "plan_id", "plan", "SET NULL"),
        _refers("task", "after_id", "task", "SET NULL"),
        _refers("task", "assignee_id", "user"),
        _refers("task", "done_by_id", "user"),
        _refers("task", "made_by_id", "user"),
        _refers("task", "organization_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    for column in ("influencer_id", "ask_id", "plan_id", "after_id"):
        op.create_index(op.f(f"ix_task_{column}"), "task", [column], unique=False)
    _partial_index("ix_task_assignee_due", "task", ["assignee_id", "due_on"], "done_at IS NULL")
    _partial_index("ix_task_due", "task", ["due_on"], "done_at IS NULL")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete)
