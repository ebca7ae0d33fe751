"""Campaigns: a plain record that others refer to."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Id, Name, Prose, Version
from crm.extensions import Model


class Campaign(Model):
    """An umbrella effort, e.g. licensing reform, over mailings and asks."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    description: Mapped[Prose] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
