"""Pages of the public site, what they said before, and the settings of its looks and its menu."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Address, CreatedAt, Id, JsonObject, Name, UpdatedAt, UtcDateTime, Version, Word
from crm.extensions import Model

NullableJson = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class SitePage(Model):
    """A page, post or story. `content` is what staff write, `shown` what the public reads; None: nothing.

    Both hold by language: title, description, blocks. `fixed` names one that belongs to the site itself (home, about).
    Of a story, `agreed_by` and `agreed_on` say who agreed to it and when, and `signed` the name that it may show.
    """

    __tablename__ = "site_page"
    __table_args__ = (UniqueConstraint("kind", "slug"), Index("ix_site_page_kind_published_at", "kind", "published_at"))

    id: Mapped[Id]
    kind: Mapped[Word]
    fixed: Mapped[str | None] = mapped_column(String(32), unique=True)
    slug: Mapped[str] = mapped_column(String(80))
    language: Mapped[Word]
    content: Mapped[JsonObject]
    shown: Mapped[dict[str, Any] | None] = mapped_column(NullableJson)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed: Mapped[Name] = mapped_column(default="")
    agreed_by: Mapped[Name] = mapped_column(default="")
    agreed_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SitePageRevision(Model):
    """What a page said when somebody saved it."""

    __tablename__ = "site_page_revision"

    id: Mapped[Id]
    page_id: Mapped[int] = mapped_column(ForeignKey("site_page.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[Address]
    content: Mapped[JsonObject]


class SiteSetting(Model):
    """One row, of key 1: the color of links and buttons ("": the standard one), and what stands in the public menu.

    `menu` holds by the name of an entry [place, order].
    """

    __tablename__ = "site_setting"

    id: Mapped[Id]
    primary: Mapped[str] = mapped_column(String(7), default="")
    menu: Mapped[JsonObject]
    version: Mapped[Version]
