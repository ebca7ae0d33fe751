"""The coalition's cap, what it left out, and the mailings that go to all the same."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Id, JsonList, Name, Prose, UtcDateTime, Version
from crm.extensions import Model


class FrequencyCap(Model):
    """At most `most` mailings in `days` days for one contact (one row). The kinds in `free_kinds` go to all the same.

    `turn_id`: the mailing whose audience is being frozen now, until `turn_until` at the latest; others wait for it.
    `turn_number`: counts the turns that were taken, so that each is one of its own.
    """

    __tablename__ = "frequency_cap"

    id: Mapped[Id]
    active: Mapped[bool] = mapped_column(default=False)
    most: Mapped[int] = mapped_column(default=3)
    days: Mapped[int] = mapped_column(default=7)
    free_kinds: Mapped[JsonList]
    turn_id: Mapped[int | None]
    turn_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    turn_number: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[Version]


class CapException(Model):
    """A mailing that goes to all the same, whatever the cap says: who decided it, and why."""

    __tablename__ = "cap_exception"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[Prose]
    by: Mapped[Name]
    at: Mapped[CreatedAt]


class CapOutcome(Model):
    """What the cap was when a mailing's audience was frozen, and how many it left out."""

    __tablename__ = "cap_outcome"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    most: Mapped[int]
    days: Mapped[int]
    left_out: Mapped[int] = mapped_column(default=0)


class CappedContact(Model):
    """Somebody whom the cap left out of a mailing; kept as long as copies are."""

    __tablename__ = "capped_contact"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True)
