"""Whether the yearly question is asked, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Id, UtcDateTime, Word
from crm.extensions import Model


class InterestCheck(Model):
    """Whether people are asked (one row; none: they are not)."""

    __tablename__ = "interest_check"

    id: Mapped[Id]
    enabled: Mapped[bool] = mapped_column(default=False)


class InterestQuestion(Model):
    """The last time that a contact was asked; state: asked, stays (said so, or did something since), or rests.

    Who rests and signed up again rests no longer (see asking.resting).
    """

    __tablename__ = "interest_question"
    __table_args__ = (Index("ix_interest_question_state", "state", "asked_at"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[Word]
