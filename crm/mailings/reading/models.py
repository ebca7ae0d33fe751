"""Clicks: all together for good, by name only of those who agreed, and by visitor for no longer than a day."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Id, Moment, UtcDateTime, Word
from crm.extensions import Model


class MailingClick(Model):
    """How often a link was followed in an hour, all people together, or all robots.

    `visitors` of these clicks were somebody's first on that link that day, `newcomers` the first on the mailing. Once a
    mailing is a month old, a month takes the place of the hour. `language` and `variant` say in which text.
    """

    __tablename__ = "mailing_click"

    link_id: Mapped[int] = mapped_column(ForeignKey("mailing_link.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    language: Mapped[Word] = mapped_column(primary_key=True)
    variant: Mapped[Word] = mapped_column(primary_key=True)
    robot: Mapped[bool] = mapped_column(primary_key=True)
    clicks: Mapped[int] = mapped_column(default=0)
    visitors: Mapped[int] = mapped_column(default=0)
    newcomers: Mapped[int] = mapped_column(default=0)


class PersonalClick(Model):
    """That somebody who agreed to it followed a link; it goes when they take that back."""

    __tablename__ = "personal_click"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("click_consent.contact_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    link_id: Mapped[int] = mapped_column(
        ForeignKey("mailing_link.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    clicks: Mapped[int]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]


class ClickVisitor(Model):
    """Somebody who followed links today, known by a keyed digest that means something else tomorrow.

    Deleted within a day. `network` is such a digest too. The contact is known of those who agreed, who are told apart
    by their links instead.
    """

    __tablename__ = "click_visitor"
    __table_args__ = (Index("ix_click_visitor_network", "network", "first_at"),)

    id: Mapped[Id]
    visitor: Mapped[str] = mapped_column(String(32), unique=True)
    network: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("click_consent.contact_id", ondelete="CASCADE"), index=True
    )
    robot: Mapped[bool] = mapped_column(default=False)
    clicks: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ClickVisit(Model):
    """What a visitor followed in an hour, so that it can still turn out to be a robot's; goes with the visitor."""

    __tablename__ = "click_visit"

    visitor_id: Mapped[int] = mapped_column(
        ForeignKey("click_visitor.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    link_id: Mapped[int] = mapped_column(
        ForeignKey("mailing_link.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    language: Mapped[Word] = mapped_column(primary_key=True)
    variant: Mapped[Word] = mapped_column(primary_key=True)
    mailing_id: Mapped[int]
    clicks: Mapped[int]
    visitors: Mapped[int]
    newcomers: Mapped[int]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
