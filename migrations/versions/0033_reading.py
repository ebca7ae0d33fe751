"""The public archive of mailings; clicks by hour, people told apart from robots, by name where agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _archive()
    _agreement()
    _clicks()
    _visits()
    # What was counted until now is counted under the hour in which the mailing went out.
    op.execute(
        "INSERT INTO mailing_click (link_id, hour, language, variant, robot, clicks, visitors, newcomers) "
        "SELECT mailing_link.id, coalesce(mailing.released_at, mailing.created_at), mailing.language, '', false, "
        "mailing_link.clicks, 0, 0 "
        "FROM mailing_link JOIN mailing ON mailing.id = mailing_link.mailing_id WHERE mailing_link.clicks > 0"
    )
    with op.batch_alter_table("mailing_link") as table:
        table.drop_column("clicks")


def downgrade() -> None:
    with op.batch_alter_table("mailing_link") as table:
        table.add_column(sa.Column("clicks", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE mailing_link SET clicks = coalesce((SELECT sum(mailing_click.clicks) FROM mailing_click "
        "WHERE mailing_click.link_id = mailing_link.id AND NOT mailing_click.robot), 0)"
    )
    with op.batch_alter_table("mailing_link") as table:
        table.alter_column("clicks", server_default=None)
    for name in ("click_visit", "click_visitor", "personal_click", "mailing_click", "click_consent", "mailing_archive"):
        op.drop_table(name)


def _archive() -> None:
    op.create_table(
        "mailing_archive",
        sa.Column("mailing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_archive_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_archive")),
        sa.UniqueConstraint("slug", name=op.f("uq_mailing_archive_slug")),
    )
    op.create_index(op.f("ix_mailing_archive_published_at"), "mailing_archive", ["published_at"])


def _agreement() -> None:
    op.create_table(
        "click_consent",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_click_consent_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_click_consent")),
        sa.UniqueConstraint("key", name=op.f("uq_click_consent_key")),
    )


def _clicks() -> None:
    op.create_table(
        "mailing_click",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("robot", sa.Boolean(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("newcomers", sa.Integer(), nullable=False),
        _of_link("mailing_click"),
        sa.PrimaryKeyConstraint("link_id", "hour", "language", "variant", "robot", name=op.f("pk_mailing_click")),
    )
    op.create_table(
        "personal_click",
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        _of_agreement("personal_click"),
        _of_link("personal_click"),
        sa.PrimaryKeyConstraint("contact_id", "link_id", name=op.f("pk_personal_click")),
    )
    op.create_index(op.f("ix_personal_click_link_id"), "personal_click", ["link_id"])


def _visits() -> None:
    op.create_table(
        "click_visitor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("robot", sa.Boolean(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        _of_agreement("click_visitor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_visitor")),
        sa.UniqueConstraint("visitor", name=op.f("uq_click_visitor_visitor")),
    )
    op.create_index("ix_click_visitor_network", "click_visitor", ["network", "first_at"])
    op.create_index(op.f("ix_click_visitor_contact_id"), "click_visitor", ["contact_id"])
    op.create_index(op.f("ix_click_visitor_first_at"), "click_visitor", ["first_at"])
    op.create_table(
        "click_visit",
        sa.Column("visitor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("newcomers", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["visitor_id"],
            ["click_visitor.id"],
            name=op.f("fk_click_visit_visitor_id_click_visitor"),
            ondelete="CASCADE",
        ),
        _of_link("click_visit"),
        sa.PrimaryKeyConstraint("visitor_id", "link_id", "hour", "language", "variant", name=op.f("pk_click_visit")),
    )
    op.create_index(op.f("ix_click_visit_link_id"), "click_visit", ["link_id"])


def _of_link(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_link_id_mailing_link")
    return sa.ForeignKeyConstraint(["link_id"], ["mailing_link.id"], name=name, ondelete="CASCADE")


def _of_agreement(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_contact_id_click_consent")
    return sa.ForeignKeyConstraint(["contact_id"], ["click_consent.contact_id"], name=name, ondelete="CASCADE")
