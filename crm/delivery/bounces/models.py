"""What came back, and what it did."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import Address, CreatedAt, Id, Long, Prose, UtcDateTime, Word
from crm.delivery.models import Delivery
from crm.extensions import Model

LONGEST_DIAGNOSTIC = 500


class Bounce(Model):
    """One finding of one mail, webhook event or SMTP refusal; `digest` and `number` keep it from counting twice.

    kind: hard, soft, block, complaint, auto_reply or none. source: mail, smtp or the name of a provider. attribution:
    how the delivery was found. effect: what it did (suppressed, streak, counted, unsubscribed, nothing). moment: when
    the copy left, by which the rule about soft bounces counts; None where it is only delayed, or where a later copy
    arrived that is not kept any more. diagnostic and text are hostile, and recipient is what the report says, or who is
    unsubscribed; all three are forgotten after 30 days.
    """

    __tablename__ = "bounce"
    __table_args__ = (
        UniqueConstraint("digest", "number"),
        Index("ix_bounce_delivery_id", "delivery_id"),
        Index("ix_bounce_address_hash", "address_hash"),
        Index("ix_bounce_created_at", "created_at"),
        Index("ix_bounce_message_id", "message_id", "kind"),
    )

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    digest: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(SmallInteger, default=0)
    source: Mapped[Word]
    kind: Mapped[Word]
    status: Mapped[Word] = mapped_column(default="")
    recipient: Mapped[Address] = mapped_column(default="")
    attribution: Mapped[Word] = mapped_column(default="none")
    effect: Mapped[Word] = mapped_column(default="nothing")
    delivery_id: Mapped[int | None] = mapped_column(Long, ForeignKey("delivery.id", ondelete="SET NULL"))
    message_id: Mapped[int | None]
    address_hash: Mapped[str] = mapped_column(String(64), default="")
    moment: Mapped[datetime | None] = mapped_column(UtcDateTime)
    diagnostic: Mapped[str] = mapped_column(String(LONGEST_DIAGNOSTIC), default="")
    text: Mapped[Prose] = mapped_column(default="")

    delivery: Mapped[Delivery | None] = relationship()


class MailboxState(Model):
    """How the mailbox of bounces was found last (one row): when it was read, and what has stood in the way since."""

    __tablename__ = "bounce_mailbox"

    id: Mapped[Id]
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[Prose] = mapped_column(default="")
