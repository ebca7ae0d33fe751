"""Saved filters of the ledger."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, JsonObject, Name
from crm.extensions import Model


class SavedFilter(Model):
    """A filter of the ledger; of whoever saved it, or (`shared`) of all staff of the same organization.

    `wanted` is what the address of the ledger asks for, so that it is evaluated anew each time.
    """

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[Name]
    wanted: Mapped[JsonObject]
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]

    user: Mapped[User] = relationship()
