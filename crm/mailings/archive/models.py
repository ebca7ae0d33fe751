"""Which mailings stand in the public archive, under which address, and what they showed when they were released."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Prose, UtcDateTime, Word
from crm.extensions import Model


class MailingArchive(Model):
    """The place of a mailing in the archive: `shown` as staff chose, public once it has been `published_at`.

    A mailing without one stands where its kind and topic say (archiving.by_default), until it is released.
    """

    __tablename__ = "mailing_archive"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    shown: Mapped[bool]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class MailingAsSent(Model):
    """What a text of a mailing, or of the version it was compared with (variant), showed when it was released.

    It is what its page on the web shows to anybody: merge fields stand in it unfilled, and nobody's own links.
    """

    __tablename__ = "mailing_as_sent"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    language: Mapped[Word] = mapped_column(primary_key=True)
    variant: Mapped[Word] = mapped_column(primary_key=True)
    html: Mapped[Prose]
    text: Mapped[Prose]
