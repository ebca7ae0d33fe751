"""Goals."""

from datetime import date, timedelta

from sqlalchemy.orm import Mapped, mapped_column

from crm.base import locales
from crm.base.columns import CreatedAt, Id, InLanguage, JsonObject, Name, Version, Word
from crm.base.locales import Said
from crm.extensions import Model


class Goal(Model):
    """So many of something, from one day to another; a public one stands on the home page.

    `title` is in English, `titles` holds the others by language.
    """

    __tablename__ = "goal"

    id: Mapped[Id]
    metric: Mapped[Word]
    title: Mapped[Name]
    titles: Mapped[JsonObject]
    target: Mapped[int]
    starts_on: Mapped[date]
    deadline: Mapped[date]
    public: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    title_es = InLanguage("titles", "es")
    title_ar = InLanguage("titles", "ar")

    def said(self, language: str) -> Said:
        """Return the title in that language, else in English."""
        return locales.said({**self.titles, "en": self.title}, language)

    @property
    def day_after(self) -> date:
        """The first day that does not count any more."""
        return self.deadline + timedelta(days=1)
