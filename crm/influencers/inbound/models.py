"""Copies of mail that came in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import Address, CreatedAt, Id, JsonList, Name, Prose, UtcDateTime, Word
from crm.extensions import Model
from crm.influencers.models import Interaction


class InboundMail(Model):
    """A copy of a mail that a user sent to the own address for them; `digest` keeps it from being logged twice.

    state: `logged` as the interaction, `unsorted` until the user says whom it is with, or `discarded`, of which the
    digest alone stays. why: it waits because `nobody` on record is named in it, or somebody `else` wrote it.
    What stands in it is hostile: text is shown escaped, and names of attachments (`attached`) lead nowhere.
    """

    __tablename__ = "inbound_mail"
    __table_args__ = (Index("ix_inbound_mail_user_state", "user_id", "state"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[Word]
    why: Mapped[Word] = mapped_column(default="")
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"), index=True)
    received_at: Mapped[CreatedAt]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sender: Mapped[Address] = mapped_column(default="")
    receivers: Mapped[JsonList]
    subject: Mapped[Name] = mapped_column(default="")
    text: Mapped[Prose] = mapped_column(default="")
    quoted: Mapped[Prose] = mapped_column(default="")
    attached: Mapped[JsonList]

    user: Mapped[User] = relationship()
    interaction: Mapped[Interaction | None] = relationship()
