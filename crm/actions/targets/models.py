"""The targets of letters and calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.actions.models import Action
from crm.base.columns import Address, CreatedAt, Id, Name, Url, UtcDateTime, Version, Word
from crm.extensions import Model
from crm.influencers.models import Ask, Influencer


class Target(Model):
    """Whom an action writes to or calls: an influencer, or an office with channels of its own.

    `use_email`: the influencer's mail address may be used for this action, because staff said so. `ask_id`: what the
    target is asked for; once that is agreed to, nobody is led there any more. `message_id`: the message whose
    deliveries are the letters to it, from the first letter on. `paused_at`: staff hold its letters back.
    """

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("action_id", "influencer_id"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    influencer_id: Mapped[int | None] = mapped_column(ForeignKey("influencer.id", ondelete="SET NULL"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    name: Mapped[Name]
    title: Mapped[Name] = mapped_column(default="")
    organization: Mapped[Name] = mapped_column(default="")
    greeting: Mapped[Name] = mapped_column(default="")
    email: Mapped[Address] = mapped_column(default="")
    use_email: Mapped[bool] = mapped_column(default=False, server_default=false())
    web_form: Mapped[Url] = mapped_column(default="")
    phone: Mapped[Word] = mapped_column(default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    action: Mapped[Action] = relationship()
    influencer: Mapped[Influencer | None] = relationship()
    ask: Mapped[Ask | None] = relationship()
