"""Questions of the coalition's own, and the answer of each contact."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import locales
from crm.base.columns import CreatedAt, Id, InLanguage, JsonList, JsonObject, Prose, Version, Word
from crm.extensions import Model


class CustomField(Model):
    """A question of a kind of `kinds.KINDS`; `key` names it in files, forms and segments, and stays for good.

    `choices` are objects with a `key`, a label for each language, and `gone` where they are no longer offered. `least`
    and `most` bound a number; `most` is the length of a text.
    """

    __tablename__ = "custom_field"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[Word]
    labels: Mapped[JsonObject]
    hints: Mapped[JsonObject]
    choices: Mapped[JsonList]
    least: Mapped[int | None]
    most: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    in_use: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    label_en = InLanguage("labels", "en")
    label_es = InLanguage("labels", "es")
    label_ar = InLanguage("labels", "ar")
    hint_en = InLanguage("hints", "en")
    hint_es = InLanguage("hints", "es")
    hint_ar = InLanguage("hints", "ar")

    def label(self, language: str = "en") -> str:
        """Return the question in that language, or in English where it was not translated."""
        return locales.said(self.labels, language).text or self.key

    def offered(self) -> list[dict[str, Any]]:
        """Return the choices that one may still make."""
        return [choice for choice in self.choices if not choice.get("gone")]

    def words(self, key: str) -> str:
        """Return the label of a choice as staff read it, of one that is no longer offered too."""
        found: dict[str, Any] = next((choice for choice in self.choices if choice["key"] == key), {})
        return locales.said(found, "en").text or key


class CustomValue(Model):
    """The answer of one contact: `text` holds it whole, `number` and `day` again where it is one.

    Several choices stand in `text` as |a|b|, so that each can be asked for.
    """

    __tablename__ = "custom_value"
    __table_args__ = (
        UniqueConstraint("contact_id", "field_id"),
        Index("ix_custom_value_field_contact", "field_id", "contact_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    field_id: Mapped[int] = mapped_column(ForeignKey("custom_field.id", ondelete="CASCADE"))
    text: Mapped[Prose]
    number: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    day: Mapped[date | None]
    answered_at: Mapped[CreatedAt]
