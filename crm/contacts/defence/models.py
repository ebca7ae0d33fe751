"""How many forms of visitors were stopped."""

from datetime import date

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Word
from crm.extensions import Model


class StoppedForms(Model):
    """How many posts of a day (UTC) had one outcome (stopped.OUTCOMES); nothing about who sent them."""

    __tablename__ = "stopped_forms"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    outcome: Mapped[Word] = mapped_column(primary_key=True)
    count: Mapped[int]
