"""The coalition and the organizations around it."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import locales
from crm.base.columns import (
    Address,
    CreatedAt,
    Id,
    InLanguage,
    JsonObject,
    Name,
    Prose,
    Url,
    UtcDateTime,
    Version,
    Word,
)
from crm.base.locales import Said
from crm.extensions import Model


class Coalition(Model):
    """One row: whose installation this is, and what stands at the foot of its mail."""

    __tablename__ = "coalition"

    id: Mapped[Id]
    name: Mapped[Name]
    purposes: Mapped[JsonObject]
    sender_name: Mapped[Name]
    sender_email: Mapped[Address]
    postal_address: Mapped[Prose]
    zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[Word | None]
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]

    purpose = InLanguage("purposes", "en")
    purpose_es = InLanguage("purposes", "es")
    purpose_ar = InLanguage("purposes", "ar")

    def purpose_for(self, code: str) -> Said:
        """Return the purpose for readers of that language, and the language it is in: another where it is missing."""
        return locales.said(self.purposes, code)


class Organization(Model):
    """Any organization; a member of the coalition has a `via` code that credits it with sign-ups."""

    __tablename__ = "organization"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[Word] = mapped_column(default="nonprofit")
    website: Mapped[Url] = mapped_column(default="")
    is_member: Mapped[bool] = mapped_column(default=False)
    via: Mapped[str | None] = mapped_column(String(32), unique=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    @property
    def slug(self) -> str:
        """How a member is named in addresses: by its code, or by its number where it has none."""
        return self.via or str(self.id)
