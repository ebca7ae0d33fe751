"""Sequences, their steps, and how far each contact has come."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import CreatedAt, Id, LongId, Name, UtcDateTime, Version, Word
from crm.contacts.models import Contact, Segment, Topic
from crm.extensions import Model
from crm.mailings.models import Mailing

STATES = {"draft": "Draft", "live": "Live", "paused": "Paused", "ended": "Ended"}
RUNNING = text("state = 'running'")
PUT_OFF = text("put_off_by IS NOT NULL")


class Sequence(Model):
    """Mailings that follow each other, for each contact once.

    `trigger` names an entry of registries.triggers, `trigger_value` what it is about (a tag, a topic). It is sent under
    a topic: only who is subscribed to it gets the steps, and whoever leaves it leaves the sequence. Who is in the
    segment `goal` has got where the sequence wanted them, and leaves it too. `live_since`: who did it before does not
    count.
    """

    __tablename__ = "sequence"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    trigger: Mapped[Word]
    trigger_value: Mapped[Name] = mapped_column(default="")
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("segment.id"))
    state: Mapped[Word] = mapped_column(default="draft")
    live_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[Name] = mapped_column(default="")
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    topic: Mapped[Topic] = relationship()
    goal: Mapped[Segment | None] = relationship()
    steps: Mapped[list["SequenceStep"]] = relationship(
        order_by="SequenceStep.number", back_populates="sequence", cascade="all, delete-orphan"
    )


class SequenceStep(Model):
    """A mailing of a sequence: how many days after the step before, at what minute of the day (None: at once).

    The time is that of each contact's own zone. Who is not in the segment skips the step. `sent_version` is that of the
    mailing whose text goes out now. `added_at`: since when it stands there, where people were on their way before.
    """

    __tablename__ = "sequence_step"
    __table_args__ = (UniqueConstraint("sequence_id", "number"),)

    id: Mapped[Id]
    sequence_id: Mapped[int] = mapped_column(ForeignKey("sequence.id", ondelete="CASCADE"))
    number: Mapped[int]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), unique=True)
    days: Mapped[int] = mapped_column(SmallInteger)
    minute: Mapped[int | None] = mapped_column(SmallInteger)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segment.id"))
    sent_version: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    sequence: Mapped[Sequence] = relationship(back_populates="steps")
    mailing: Mapped[Mailing] = relationship()
    segment: Mapped[Segment | None] = relationship()


class SequenceRun(Model):
    """How far a contact has come in a sequence; there is one for each contact at most, so that nobody begins twice.

    state: running (`step_id` is due at `due_at`), done, left (`reason` says why, `step_id` before which step), or
    before: it was done before the sequence was live. put_off_by: the version of the frequency cap that holds the step
    back, since whoever it is had enough mailings.
    """

    __tablename__ = "sequence_run"
    __table_args__ = (
        UniqueConstraint("sequence_id", "contact_id"),
        Index("ix_sequence_run_due", "sequence_id", "due_at", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_sequence_run_contact_id", "contact_id"),
        Index("ix_sequence_run_put_off", "put_off_by", sqlite_where=PUT_OFF, postgresql_where=PUT_OFF),
    )

    id: Mapped[LongId]
    sequence_id: Mapped[int] = mapped_column(ForeignKey("sequence.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    state: Mapped[Word]
    step_id: Mapped[int | None] = mapped_column(ForeignKey("sequence_step.id", ondelete="SET NULL"))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    put_off_by: Mapped[int | None]
    reason: Mapped[Name] = mapped_column(default="")
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    contact: Mapped[Contact] = relationship()
