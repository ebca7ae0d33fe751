"""The coalition and the organizations around it."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Address, CreatedAt, Id, Name, Prose, UtcDateTime, Word
from crm.extensions import Model


class Coalition(Model):
    """One row: whose installation this is, and what stands at the foot of its mail."""

    __tablename__ = "coalition"

    id: Mapped[Id]
    name: Mapped[Name]
    purpose: Mapped[Prose] = mapped_column(default="")
    sender_name: Mapped[Name]
    sender_email: Mapped[Address]
    postal_address: Mapped[Prose]
    zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[Word | None]
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Organization(Model):
    """Any organization; a member of the coalition has a `via` code that credits it with sign-ups."""

    __tablename__ = "organization"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[Word] = mapped_column(default="nonprofit")
    website: Mapped[str] = mapped_column(String(2000), default="")
    is_member: Mapped[bool] = mapped_column(default=False)
    via: Mapped[str | None] = mapped_column(String(32), unique=True)
    created_at: Mapped[CreatedAt]
