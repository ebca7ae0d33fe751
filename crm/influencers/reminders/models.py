"""What the daily digests named."""

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import Id, Word
from crm.extensions import Model


class AskReminder(Model):
    """An ask that a digest named to its owner; once `before` its due date and once `after` it.

    So another due date counts anew, and so does another owner. `named_on` is the day where the owner lives.
    """

    __tablename__ = "ask_reminder"
    __table_args__ = (
        UniqueConstraint("ask_id", "user_id", "due_on", "moment"),
        Index("ix_ask_reminder_user_named", "user_id", "named_on"),
    )

    id: Mapped[Id]
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    moment: Mapped[Word]
    named_on: Mapped[date]

    user: Mapped[User] = relationship()
