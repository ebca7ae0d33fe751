"""Imports: what was uploaded, how far it is, and which rows could not be read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Id, JsonList, JsonObject, Name, Prose, PublicId, UtcDateTime, Word
from crm.extensions import Model

# A new import waits for its columns to be looked at; checking and running are worked on in the background.
NEW, CHECKING, CHECKED, RUNNING, STOPPED, DONE, FAILED = (
    "new",
    "checking",
    "checked",
    "running",
    "stopped",
    "done",
    "failed",
)


class ImportRun(Model):
    """One file of contacts, from its upload to its last row.

    `mapping` names the field of each column, `holds` what the whole file is (unsubscribed, cleaned …),
    `position` counts the rows that are settled in the present state, `expected` is what the dry run counted.
    """

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_state", "state"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    created_at: Mapped[CreatedAt]
    created_by: Mapped[Name]
    filename: Mapped[Name]
    encoding: Mapped[Word]
    separator: Mapped[str] = mapped_column(String(1))
    header: Mapped[JsonList]
    mapping: Mapped[JsonList]
    program: Mapped[Word]
    holds: Mapped[Word] = mapped_column(default="")
    total: Mapped[int]
    topics: Mapped[JsonList]
    consent: Mapped[Prose] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default=NEW)
    position: Mapped[int] = mapped_column(default=0)
    expected: Mapped[JsonObject]
    counts: Mapped[JsonObject]
    message: Mapped[Prose] = mapped_column(default="")
    owner: Mapped[Word] = mapped_column(default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RowFault(Model):
    """A row that could not be imported, by its number in the file, and what to mend."""

    __tablename__ = "import_row_fault"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message: Mapped[Prose]


class InfluencerImport(Model):
    """One CSV file of influencers, from its upload to its end; seen by who uploaded it alone.

    `mapping` names the field of each column, `found` holds what the dry run or the import came to: numbers, bad rows
    (`bad`), and who may be on record already (`alike`). The file goes when it is imported, or some day later.
    """

    __tablename__ = "influencer_import"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    created_at: Mapped[CreatedAt]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    filename: Mapped[Name]
    encoding: Mapped[Word]
    separator: Mapped[str] = mapped_column(String(1))
    header: Mapped[JsonList]
    mapping: Mapped[JsonList]
    total: Mapped[int]
    state: Mapped[Word] = mapped_column(default=NEW)
    found: Mapped[JsonObject]
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
