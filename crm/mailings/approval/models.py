"""What was asked, approved and returned of each mailing, and the rules that the admins set."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Name, Prose, Version, Word
from crm.extensions import Model


class MailingApproval(Model):
    """A line of the history: asked, approved, returned, or released by somebody who could have approved.

    `version` is that of the mailing that was seen. `holds_for` is the version that the line speaks for now: it follows
    where only the state of the mailing changes, stays behind when what it says or whom it reaches changes, and is
    None once another line has answered this one. `audience_digest` tells the audience with its segments apart.
    """

    __tablename__ = "mailing_approval"
    __table_args__ = (Index("ix_mailing_approval_mailing_id", "mailing_id", "holds_for"),)

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    event: Mapped[Word]
    version: Mapped[int]
    holds_for: Mapped[int | None]
    audience_digest: Mapped[str] = mapped_column(String(64))
    recipients: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    who: Mapped[Name]
    note: Mapped[Prose] = mapped_column(default="")
    at: Mapped[CreatedAt]

    user: Mapped[User | None] = relationship()


class MailingRules(Model):
    """The one row of what the admins want before a mailing goes; without it the defaults hold.

    Over how many recipients it needs approval, and its number typed (0: always; None: never); and for how many minutes
    what is sent now can be taken back (0: not at all).
    """

    __tablename__ = "mailing_rules"

    id: Mapped[Id]
    approval_over: Mapped[int | None]
    confirm_over: Mapped[int | None] = mapped_column(default=500)
    minutes: Mapped[int] = mapped_column(default=10)
    version: Mapped[Version]
