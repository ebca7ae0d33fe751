"""Designs of mailings, and which mailing wears which."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import CreatedAt, Id, InLanguage, JsonObject, Name, UpdatedAt, Version, Word
from crm.extensions import Model
from crm.mailings.pictures.models import MailingPicture


class Color:
    """One of the colors of a design, as an attribute of its own."""

    def __init__(self, theme: str, name: str) -> None:
        self.theme, self.name = theme, name

    def __get__(self, row: Any, owner: type) -> Any:
        return self if row is None else (row.colors or {}).get(self.theme, {}).get(self.name, "")

    def __set__(self, row: Any, color: str) -> None:
        colors = row.colors or {}
        row.colors = {**colors, self.theme: {**colors.get(self.theme, {}), self.name: color}}


class MailingDesign(Model):
    """How mailings look: `colors` by light and dark (paper, ink, primary, accent), `header` and `footer` by language.

    The default one is worn by every mailing that has no other of its own.
    """

    __tablename__ = "mailing_design"

    id: Mapped[Id]
    name: Mapped[Name]
    colors: Mapped[JsonObject]
    font: Mapped[Word]
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("mailing_picture.id"))
    header: Mapped[JsonObject]
    footer: Mapped[JsonObject]
    default: Mapped[bool] = mapped_column(default=False)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    logo: Mapped[MailingPicture | None] = relationship()

    light_paper, dark_paper = Color("light", "paper"), Color("dark", "paper")
    light_ink, dark_ink = Color("light", "ink"), Color("dark", "ink")
    light_primary, dark_primary = Color("light", "primary"), Color("dark", "primary")
    light_accent, dark_accent = Color("light", "accent"), Color("dark", "accent")
    header_en, footer_en = InLanguage("header", "en"), InLanguage("footer", "en")
    header_es, footer_es = InLanguage("header", "es"), InLanguage("footer", "es")
    header_ar, footer_ar = InLanguage("header", "ar"), InLanguage("footer", "ar")


class MailingDress(Model):
    """The design that a mailing has of its own."""

    __tablename__ = "mailing_dress"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    design_id: Mapped[int] = mapped_column(ForeignKey("mailing_design.id", ondelete="CASCADE"))

    design: Mapped[MailingDesign] = relationship()
