"""Two versions of a mailing that are compared."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import Name, Prose, UtcDateTime, Word
from crm.extensions import Model
from crm.mailings.models import Mailing

A, B = "", "b"
"""The variant of each version, as the messages of a mailing name it."""
CLICKS, ACTIONS = "clicks", "actions"
"""What tells the better version: the people who click, or those who act after they came by a link of it."""


class MailingComparison(Model):
    """A mailing (version A) is compared with another (version B), which goes to nobody by itself.

    share: how many of a hundred people are asked, half of them with each version. hours: how long one waits for what
    they do. by: what of that counts, clicks or actions. automatic: the rest get the better version then by itself;
    otherwise they wait for somebody's word. sender_name: what stands before the sender's address in version B, where it
    is another one. winner: "a" or "b".
    """

    __tablename__ = "mailing_comparison"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), unique=True)
    share: Mapped[int] = mapped_column(SmallInteger)
    hours: Mapped[int] = mapped_column(SmallInteger, default=24)
    by: Mapped[Word] = mapped_column(default=CLICKS, server_default=CLICKS)
    automatic: Mapped[bool] = mapped_column(default=True)
    sender_name: Mapped[Name] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    winner: Mapped[Word] = mapped_column(default="")
    verdict: Mapped[Prose] = mapped_column(default="")

    mailing: Mapped[Mailing] = relationship(foreign_keys=mailing_id)
    other: Mapped[Mailing] = relationship(foreign_keys=other_id)
