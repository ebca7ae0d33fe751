"""Requests for technical assistance."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import Id, Name, Prose, UtcDateTime, Version, Word
from crm.contacts.models import Contact
from crm.extensions import Model
from crm.organizations.models import Organization


class AssistanceRequest(Model):
    """Somebody whose address is proven asks for assistance; staff see to it until it is closed, with an outcome."""

    __tablename__ = "assistance_request"
    __table_args__ = (
        UniqueConstraint("contact_id", "asked_at"),
        Index("ix_assistance_request_state_due_on", "state", "due_on"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[Word]
    organization_name: Mapped[Name] = mapped_column(default="")
    text: Mapped[Prose]
    language: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="open")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"), index=True)
    due_on: Mapped[date | None]
    outcome: Mapped[Prose] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]

    contact: Mapped[Contact] = relationship()
    owner: Mapped[User | None] = relationship()
    member: Mapped[Organization | None] = relationship()
