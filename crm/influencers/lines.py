"""What the lines of all histories hold."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id


class Line:
    """A line of a history, append-only: who did it (None: the program), and which version of the record it made."""

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int]

    @declared_attr
    @classmethod
    def user(cls) -> Mapped[User | None]:
        return relationship(User)
