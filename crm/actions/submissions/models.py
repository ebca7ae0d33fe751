"""What people sent by the form of an action."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.actions.models import COUNTED, Action
from crm.base.columns import Id, JsonObject, Name, Prose, UtcDateTime, Version, Word
from crm.contacts.models import Contact, Source
from crm.extensions import Model


class Submission(Model):
    """What one person sent: the story, if it is asked for, and the answers by the keys of the questions.

    `publish` is what they allow of the story: no, none (without a name), initial or full (name); `name` is that name as
    it is shown. `state` is received, published or declined. `published_text` is what staff made of the story for it.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("action_id", "contact_id", "at"),
        Index("ix_submission_at", "at", sqlite_where=COUNTED, postgresql_where=COUNTED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    story: Mapped[Prose] = mapped_column(default="")
    answers: Mapped[JsonObject]
    publish: Mapped[Word] = mapped_column(default="no")
    name: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="received", index=True)
    published_title: Mapped[Name] = mapped_column(default="")
    published_text: Mapped[Prose] = mapped_column(default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[Word] = mapped_column(default="en")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    new: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]

    action: Mapped[Action] = relationship()
    contact: Mapped[Contact] = relationship()
    source: Mapped[Source | None] = relationship()
