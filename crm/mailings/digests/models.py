"""Digests, and what became of each time that one was due."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, InLanguage, JsonObject, Name, Prose, UtcDateTime, Version, Word
from crm.contacts.models import Segment, Topic
from crm.extensions import Model
from crm.mailings.models import Mailing

STATES = {"draft": "Draft", "live": "Live", "paused": "Paused"}
WEEKLY, MONTHLY = "weekly", "monthly"
SKIPPED, MADE, SCHEDULED, HELD = "skipped", "made", "scheduled", "held"


class Digest(Model):
    """A newsletter that is made anew each week on a day (0: Monday), or each month on one.

    `minute` is that of the day, in `zone`. Of a month that has no such day the last one counts. It goes to those who
    subscribe to the topic, perhaps only those in a segment. `subjects` and `intros` hold its words by language: it
    comes in each that has a subject. `starter`: who started it, for whom approval is asked. `due_from`: it is due after
    that moment alone, when it was started or its day or hour was changed last.
    """

    __tablename__ = "digest"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segment.id"))
    rhythm: Mapped[Word] = mapped_column(default=WEEKLY)
    weekday: Mapped[int] = mapped_column(SmallInteger, default=0)
    monthday: Mapped[int] = mapped_column(SmallInteger, default=1)
    minute: Mapped[int] = mapped_column(SmallInteger, default=540)
    zone: Mapped[str] = mapped_column(String(64))
    subjects: Mapped[JsonObject]
    intros: Mapped[JsonObject]
    state: Mapped[Word] = mapped_column(default="draft")
    problem: Mapped[Prose] = mapped_column(default="")
    live_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    starter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    topic: Mapped[Topic] = relationship()
    segment: Mapped[Segment | None] = relationship()
    starter: Mapped[User | None] = relationship()

    subject_en = InLanguage("subjects", "en")
    subject_es = InLanguage("subjects", "es")
    subject_ar = InLanguage("subjects", "ar")
    intro_en = InLanguage("intros", "en")
    intro_es = InLanguage("intros", "es")
    intro_ar = InLanguage("intros", "ar")


class DigestIssue(Model):
    """One time that a digest was due, written down once, with what was done: skipped (nothing was new), made, scheduled
    or held for somebody to decide (`problem`). It tells what is new since `since` and before `due_at`.
    """

    __tablename__ = "digest_issue"
    __table_args__ = (UniqueConstraint("digest_id", "due_at"),)

    id: Mapped[Id]
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    items: Mapped[int]
    state: Mapped[Word] = mapped_column(index=True)
    problem: Mapped[Prose] = mapped_column(default="")
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id", ondelete="SET NULL"), unique=True)

    digest: Mapped[Digest] = relationship()
    mailing: Mapped[Mailing | None] = relationship()
