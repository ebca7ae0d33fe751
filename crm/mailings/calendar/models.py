"""What the calendar keeps of its own: the days planned for drafts, and the secret links to the feed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import UpdatedAt, UtcDateTime, Version
from crm.extensions import Model


class MailingPlan(Model):
    """The day on which a draft is meant to go; None: on no day any more. It promises nothing and sends nothing."""

    __tablename__ = "mailing_plan"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    planned_on: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[Version]
    updated_at: Mapped[UpdatedAt]


class CalendarFeed(Model):
    """The link of a user to the calendar as a feed: the one signed with this number holds, and only while it is open.

    Numbers only rise, and never come again, not even after a restore: they are minutes since 1970.
    """

    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int]
    open: Mapped[bool]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
