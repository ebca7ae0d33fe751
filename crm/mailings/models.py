"""Mailings: what staff write, to whom it goes, and the links in it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base import wall_clock
from crm.base.columns import CreatedAt, Id, JsonList, JsonObject, Name, Prose, UpdatedAt, Url, UtcDateTime, Word
from crm.campaigns.models import Campaign
from crm.contacts.models import Topic
from crm.extensions import Model

KINDS = {
    "call_to_action": "Call to action",
    "sharing_tools": "Sharing tools",
    "thought_leadership": "Thought leadership",
    "newsletter": "Newsletter",
}
STATES = ("draft", "scheduled", "sending", "paused", "finished", "canceled")
ON_UNCERTAIN = {"hold": "Hold it for us to decide", "resend": "Send it again"}


class Mailing(Model):
    """One bulk e-mail to an audience.

    `audience` holds what choosing.wanted reads. `local_time` is what a person typed, in `zone`; `scheduled_at` is
    the moment that it meant. `frozen_at` tells when the ledger of its recipients was complete. `audience_digest`: the
    audience (approving.digest) as it began to go, or as somebody let it go on after a segment was edited.
    What it says stands here in its main language, which is for everybody for whom there is no other of its `texts`.
    """

    __tablename__ = "mailing"
    __table_args__ = (Index("ix_mailing_state_scheduled_at", "state", "scheduled_at"),)

    id: Mapped[Id]
    kind: Mapped[Word]
    language: Mapped[Word] = mapped_column(default="en")
    subject: Mapped[Name] = mapped_column(default="")
    preheader: Mapped[Name] = mapped_column(default="")
    body: Mapped[Prose] = mapped_column(default="")
    markup: Mapped[Word] = mapped_column(default="markdown")
    blocks: Mapped[JsonList] = mapped_column(server_default="[]")
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    audience: Mapped[JsonObject]
    audience_digest: Mapped[str | None] = mapped_column(String(64))
    on_uncertain: Mapped[Word] = mapped_column(default="hold")
    count_clicks: Mapped[bool] = mapped_column(default=True)
    state: Mapped[Word] = mapped_column(default="draft")
    problem: Mapped[Prose] = mapped_column(default="")
    scheduled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    local_time: Mapped[Word] = mapped_column(default="")
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[Name] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    topic: Mapped[Topic] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    links: Mapped[list["MailingLink"]] = relationship(order_by="MailingLink.number", cascade="all, delete-orphan")
    texts: Mapped[list["MailingText"]] = relationship(order_by="MailingText.language", cascade="all, delete-orphan")
    messages: Mapped[list["MailingMessage"]] = relationship(
        order_by="MailingMessage.message_id", cascade="all, delete-orphan"
    )

    @property
    def message_ids(self) -> list[int]:
        """The messages that it became when it was released: one for each of its texts."""
        return [one.message_id for one in self.messages]

    @property
    def when(self) -> str:
        """The moment that it is scheduled for, as the clocks of its zone tell it."""
        return wall_clock.tell(self.scheduled_at, self.zone) if self.scheduled_at else ""


class MailingText(Model):
    """What a mailing says in another language than its own."""

    __tablename__ = "mailing_text"
    __table_args__ = (UniqueConstraint("mailing_id", "language"),)

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    language: Mapped[Word]
    subject: Mapped[Name] = mapped_column(default="")
    preheader: Mapped[Name] = mapped_column(default="")
    body: Mapped[Prose] = mapped_column(default="")
    markup: Mapped[Word] = mapped_column(default="markdown")
    blocks: Mapped[JsonList]
    updated_at: Mapped[UpdatedAt]


class MailingMessage(Model):
    """The message that a text of a released mailing, or of the version it was compared with (variant), became."""

    __tablename__ = "mailing_message"
    __table_args__ = (UniqueConstraint("mailing_id", "language", "variant"),)

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    language: Mapped[Word]
    variant: Mapped[Word] = mapped_column(default="")


class MailingLink(Model):
    """A link of a released mailing. How often it was followed stands in mailing_click."""

    __tablename__ = "mailing_link"
    __table_args__ = (UniqueConstraint("mailing_id", "number"),)

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    number: Mapped[int]
    url: Mapped[Url]
