"""What a member says of itself in public, and the services that it offers."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import CreatedAt, Id, InLanguage, JsonList, JsonObject, Name, Url, Version
from crm.extensions import Model
from crm.organizations.models import Organization


class MemberProfile(Model):
    """The public page of a member: what it does (by language), and how to reach it."""

    __tablename__ = "member_profile"

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), unique=True)
    abouts: Mapped[JsonObject]
    email: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Name] = mapped_column(default="")
    version: Mapped[Version]

    about = InLanguage("abouts", "en")
    about_es = InLanguage("abouts", "es")
    about_ar = InLanguage("abouts", "ar")


class MemberService(Model):
    """Something that a member does for people. No states: the whole country; no professions: any of them.

    `states` holds two letters each, `professions` the codes of professions.py, `languages` ISO 639-1 codes.
    """

    __tablename__ = "member_service"

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    names: Mapped[JsonObject]
    descriptions: Mapped[JsonObject]
    states: Mapped[JsonList]
    professions: Mapped[JsonList]
    languages: Mapped[JsonList]
    url: Mapped[Url] = mapped_column(default="")
    shown: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    organization: Mapped[Organization] = relationship()

    name = InLanguage("names", "en")
    name_es = InLanguage("names", "es")
    name_ar = InLanguage("names", "ar")
    description = InLanguage("descriptions", "en")
    description_es = InLanguage("descriptions", "es")
    description_ar = InLanguage("descriptions", "ar")
