"""Offices, who held them from when to when, who works there, committee seats, and asks that were handed over."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, JsonObject, Name, Prose, UpdatedAt, Url, UtcDateTime, Version, Word
from crm.contacts.models import Contact
from crm.extensions import Model
from crm.influencers.models import Ask, Influencer


class Office(Model):
    """An office apart from the person, shared by all members. One holder at a time, unless `several` may hold it.

    `key` is by what an import finds it again, e.g. `us-house:MI-5`; `imported_facts` is what the source said last.
    """

    __tablename__ = "office"

    id: Mapped[Id]
    key: Mapped[Name | None] = mapped_column(unique=True)
    title: Mapped[Name] = mapped_column(index=True)
    body: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="")
    district: Mapped[Word] = mapped_column(default="")
    address: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Word] = mapped_column(default="")
    website: Mapped[Url] = mapped_column(default="")
    web_form: Mapped[Url] = mapped_column(default="")
    several: Mapped[bool] = mapped_column(default=False)
    imported_facts: Mapped[JsonObject]
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class Holding(Model):
    """Who holds or held an office.

    `until` is the day on which it ended, None while it lasts; `ended` how, and `ended_at` when that was noted.
    `term_ends_on` is the day on which the term ends. `source` is the import that brought it, "" by hand.
    """

    __tablename__ = "holding"
    __table_args__ = (
        Index("ix_holding_office", "office_id", "until"),
        Index("ix_holding_influencer", "influencer_id", "until"),
    )

    id: Mapped[Id]
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id", ondelete="CASCADE"))
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"))
    since: Mapped[date | None]
    term_ends_on: Mapped[date | None] = mapped_column(index=True)
    until: Mapped[date | None]
    ended: Mapped[Word] = mapped_column(default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[Name] = mapped_column(default="")
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    office: Mapped[Office] = relationship()
    influencer: Mapped[Influencer] = relationship()


class OfficeContact(Model):
    """Somebody who works in an office: legislative aide, scheduler, … Kept when they have left (`until`)."""

    __tablename__ = "office_contact"

    id: Mapped[Id]
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    role: Mapped[Word]
    phone: Mapped[Word] = mapped_column(default="")
    note: Mapped[Prose] = mapped_column(default="")
    since: Mapped[date]
    until: Mapped[date | None]
    version: Mapped[Version]

    office: Mapped[Office] = relationship()
    contact: Mapped[Contact] = relationship()


class CommitteeSeat(Model):
    """A seat on a committee, as an import brought it. `since` is None where nobody knows, `until` while it lasts."""

    __tablename__ = "committee_seat"

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    code: Mapped[Word] = mapped_column(index=True)
    name: Mapped[Name]
    role: Mapped[Name] = mapped_column(default="")
    rank: Mapped[int | None]
    side: Mapped[Word] = mapped_column(default="")
    since: Mapped[date | None]
    until: Mapped[date | None]


class AskHandover(Model):
    """What became of an open ask after the office of whom it was made to had ended; append-only.

    `decision`: to the `successor` (a new ask, `successor_id`), `kept` with the person, or `lapsed`.
    """

    __tablename__ = "ask_handover"

    id: Mapped[Id]
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"), index=True)
    holding_id: Mapped[int] = mapped_column(ForeignKey("holding.id", ondelete="CASCADE"), index=True)
    decision: Mapped[Word]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[CreatedAt]

    ask: Mapped[Ask] = relationship(foreign_keys=ask_id)
    successor: Mapped[Ask | None] = relationship(foreign_keys=successor_id)
    user: Mapped[User | None] = relationship()
