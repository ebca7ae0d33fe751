"""Letters, to whom each went, and the texts that are suggested for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.actions.models import Action
from crm.actions.targets.models import Target
from crm.base.columns import Id, Long, Name, Prose, UtcDateTime, Version, Word
from crm.contacts.models import Contact, Source
from crm.extensions import Model


class SuggestedText(Model):
    """A text that supporters may begin with, in one language: of a letter, or (`kind` call) what to say."""

    __tablename__ = "suggested_text"

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Word] = mapped_column(default="letter")
    language: Mapped[Word] = mapped_column(default="en")
    subject: Mapped[Name] = mapped_column(default="")
    text: Mapped[Prose]
    version: Mapped[Version]

    action: Mapped[Action] = relationship()


class Letter(Model):
    """What one person wrote for an action, to those of its targets that are reached by e-mail.

    `zip_code`: where they said that they live, where the action asks for it; it stands beneath the letter.
    """

    __tablename__ = "letter"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    name: Mapped[Name]
    subject: Mapped[Name]
    text: Mapped[Prose]
    zip_code: Mapped[Word] = mapped_column(default="", server_default="")
    language: Mapped[Word] = mapped_column(default="en")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    contact: Mapped[Contact] = relationship()


class Outreach(Model):
    """That one person wrote to a target or called it, by one channel (OSDI: outreach).

    `delivery_id` is the letter's place in the queue, where it goes by e-mail through us. `new`: whoever did it was no
    confirmed supporter before.
    """

    __tablename__ = "outreach"
    __table_args__ = (
        UniqueConstraint("target_id", "contact_id", "channel"),
        Index("ix_outreach_action_at", "action_id", "at"),
        Index("ix_outreach_at", "at", "channel"),  # Goals count by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    channel: Mapped[Word]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id", ondelete="SET NULL"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(Long)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    new: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    action: Mapped[Action] = relationship()
    target: Mapped[Target] = relationship()
    contact: Mapped[Contact] = relationship()
    letter: Mapped[Letter | None] = relationship()
    source: Mapped[Source | None] = relationship()
