"""Threads of replies to mailings, what came in, and what the staff answered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import (
    Address,
    CreatedAt,
    Id,
    JsonList,
    Long,
    Moment,
    Name,
    Prose,
    UtcDateTime,
    Version,
    Word,
)
from crm.contacts.models import Contact
from crm.extensions import Model
from crm.influencers.models import Interaction
from crm.mailings.models import Mailing


class ReplyThread(Model):
    """What somebody wrote back to a mailing, and what became of it.

    state: `open`, `aside` (a machine wrote all of it), `done`, or `forgotten`, of which digests alone stay. `contact`:
    the recipient of the mailing whose address it came from; None: that address got no copy. `dropped`: how many more
    mails came than are kept. `emptied_at`: until when texts are deleted. `key` lets the same address write into the
    same thread.
    """

    __tablename__ = "reply_thread"
    __table_args__ = (Index("ix_reply_thread_state_last_at", "state", "last_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id", ondelete="SET NULL"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    address: Mapped[Address] = mapped_column(default="", index=True)
    subject: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word]
    created_at: Mapped[CreatedAt]
    last_at: Mapped[Moment]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    emptied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]

    mailing: Mapped[Mailing | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    assignee: Mapped[User | None] = relationship()
    replies: Mapped[list["MailingReply"]] = relationship(order_by="MailingReply.id")
    answers: Mapped[list["MailingAnswer"]] = relationship(order_by="MailingAnswer.id")


class MailingReply(Model):
    """A mail that came in; `digest` keeps it from coming in twice.

    `automatic`: a machine wrote it. What stands in it is hostile: text is shown escaped, and names of attachments
    (`attached`) lead nowhere.
    """

    __tablename__ = "mailing_reply"

    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(ForeignKey("reply_thread.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[CreatedAt]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sender: Mapped[Address] = mapped_column(default="", index=True)
    subject: Mapped[Name] = mapped_column(default="")
    text: Mapped[Prose] = mapped_column(default="")
    quoted: Mapped[Prose] = mapped_column(default="")
    attached: Mapped[JsonList]
    automatic: Mapped[bool] = mapped_column(default=False)
    asks_to_leave: Mapped[bool] = mapped_column(default=False)
    mail_id: Mapped[str] = mapped_column(String(252), default="")
    references: Mapped[JsonList]
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="SET NULL"), index=True)

    thread: Mapped[ReplyThread] = relationship(overlaps="replies")
    interaction: Mapped[Interaction | None] = relationship()


class MailingAnswer(Model):
    """What somebody of the staff answered: the message, and the one delivery of it."""

    __tablename__ = "mailing_answer"

    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(ForeignKey("reply_thread.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    written_at: Mapped[CreatedAt]
    address: Mapped[Address] = mapped_column(default="")
    text: Mapped[Prose] = mapped_column(default="")
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    delivery_id: Mapped[int | None] = mapped_column(Long)

    user: Mapped[User | None] = relationship()
