"""How a mailing goes out over time, and the waves in which it does."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Id, Json, UtcDateTime
from crm.extensions import Model

IS_DUE = text("frozen_at IS NULL")


class MailingTiming(Model):
    """How a mailing goes out where that is not all at once.

    own_time: at the chosen hour of each recipient's own time zone. spread: over so many minutes. opens, closes: only
    between these minutes of the day (both None: at any hour), in the zone of the mailing, or in each recipient's own.
    resting: it is outside of these hours, so that what was not sent yet waits.
    """

    __tablename__ = "mailing_timing"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    own_time: Mapped[bool] = mapped_column(default=False)
    spread: Mapped[int] = mapped_column(SmallInteger, default=0)
    opens: Mapped[int | None] = mapped_column(SmallInteger)
    closes: Mapped[int | None] = mapped_column(SmallInteger)
    resting: Mapped[bool] = mapped_column(default=False)


class MailingWave(Model):
    """Those recipients of a released mailing whose turn comes at the same moment; they are told apart when it comes.

    zones: names of the time zones they live in (None: all that are left). first, last: of the thousand equal shares of
    all people those from first on and before last. variant: of the messages that they get (None: not decided yet).
    """

    __tablename__ = "mailing_wave"
    __table_args__ = (
        UniqueConstraint("mailing_id", "number"),
        Index("ix_mailing_wave_due", "due_at", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    )

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    number: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zones: Mapped[list[str] | None] = mapped_column(Json)
    first: Mapped[int] = mapped_column(SmallInteger, default=0)
    last: Mapped[int] = mapped_column(SmallInteger, default=1000)
    variant: Mapped[str | None] = mapped_column(String(32), default="", server_default="")
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
