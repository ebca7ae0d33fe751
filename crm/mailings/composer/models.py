"""What a mailing said before, and who has it open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Address, Id, JsonObject, UtcDateTime, Word
from crm.extensions import Model


class MailingRevision(Model):
    """All texts of a mailing as somebody left them; `by_hand`: saved by a button, not by itself while it was written.

    `begun_at` is when this one began: what the same person writes within some minutes of it becomes one revision.
    """

    __tablename__ = "mailing_revision"
    __table_args__ = (Index("ix_mailing_revision_mailing_id_id", "mailing_id", "id"),)

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    version: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[Address]
    by_hand: Mapped[bool] = mapped_column(default=True)
    content: Mapped[JsonObject]


class MailingEditing(Model):
    """A page in which somebody has a text of a mailing open; it hinders nobody.

    `saved` is the digest of the text as this page saved it last, so that it never collides with itself.
    """

    __tablename__ = "mailing_editing"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), index=True)
    language: Mapped[Word]
    who: Mapped[Address]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    saved: Mapped[str] = mapped_column(String(64), default="")
