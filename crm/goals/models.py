"""Goals."""

from datetime import date, timedelta

from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Id, Name, Version, Word
from crm.extensions import Model


class Goal(Model):
    """So many of something, from one day to another; a public one stands on the home page."""

    __tablename__ = "goal"

    id: Mapped[Id]
    metric: Mapped[Word]
    title: Mapped[Name]
    target: Mapped[int]
    starts_on: Mapped[date]
    deadline: Mapped[date]
    public: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    @property
    def day_after(self) -> date:
        """The first day that does not count any more."""
        return self.deadline + timedelta(days=1)
