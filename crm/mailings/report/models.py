"""The figures of mailings, kept so that a year of them can be listed and compared."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import UtcDateTime
from crm.extensions import Model


class MailingFigures(Model):
    """What people did with a mailing, as it was counted last; numbers alone, of nobody by name."""

    __tablename__ = "mailing_figures"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tried: Mapped[int]
    delivered: Mapped[int]
    clicked: Mapped[int]
    clicks: Mapped[int]
    acted: Mapped[int]
    acts: Mapped[int]
    unsubscribed: Mapped[int]
    complained: Mapped[int]
    bounced: Mapped[int]
    held: Mapped[int]
    joined: Mapped[int]
