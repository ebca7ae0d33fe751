"""What the network said of the links of mailings, and of their sender."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Address, Id, Moment, Prose, Url, UtcDateTime, Word
from crm.extensions import Model


class MailingRound(Model):
    """When the links of a mailing are to be looked at next (None: not asked for).

    Links that were looked at before `fresh_from` are looked at again.
    """

    __tablename__ = "mailing_round"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    fresh_from: Mapped[Moment]


class MailingLinkCheck(Model):
    """What became of looking at a link: answers, refuses (programs, or they it), fails, dead or internal."""

    __tablename__ = "mailing_link_check"
    __table_args__ = (UniqueConstraint("mailing_id", "url_digest"),)

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    url_digest: Mapped[str] = mapped_column(String(64))
    url: Mapped[Url]
    outcome: Mapped[Word]
    found: Mapped[Prose]
    checked_at: Mapped[Moment]


class SenderCheck(Model):
    """What the DNS said last of the sender's domain, by the name of the check (SPF, DKIM, DMARC)."""

    __tablename__ = "sender_check"

    name: Mapped[Word] = mapped_column(primary_key=True)
    sender: Mapped[Address]
    state: Mapped[Word]
    found: Mapped[Prose]
    mend: Mapped[Prose]
    checked_at: Mapped[Moment]
