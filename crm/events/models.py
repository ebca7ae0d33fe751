"""Events, who comes to them, and what registrants were sent."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base import locales
from crm.base.columns import (
    CreatedAt,
    Id,
    InLanguage,
    JsonList,
    JsonObject,
    Moment,
    Name,
    Prose,
    PublicId,
    UpdatedAt,
    Url,
    UtcDateTime,
    Version,
    Word,
)
from crm.campaigns.models import Campaign
from crm.contacts.models import Contact, Source
from crm.extensions import Model
from crm.influencers.models import Ask
from crm.organizations.models import Organization

KINDS = {"event": "Event", "webinar": "Webinar"}
STATES = {"draft": "Draft", "published": "Published", "canceled": "Canceled"}
WAITING, REGISTERED, CANCELED = "waiting", "registered", "canceled"
ATTENDANCE_STATES = {REGISTERED: "Registered", WAITING: "Waiting", CANCELED: "Canceled"}
COMING = (WAITING, REGISTERED)
USUAL = ("es", "ar", "ase")  # Into which languages an event is interpreted unless its organizers choose others.
DEED = "attendance"  # What registering is called on the shared path of public pages.


class Event(Model):
    """An event or webinar; texts by language, moments in UTC with the zone in which they were planned.

    `sequence` counts the changes of when and where, the last of them at `told_at`: calendars replace what they had by
    it. `reminders` are minutes before the start. `interpretation`: the codes of the languages that registrants may ask
    for (needs.INTERPRETATION). `held_at`: mail that was due before waits for a word of the staff.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_state_starts_at", "state", "starts_at"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[Word] = mapped_column(default="event")
    state: Mapped[Word] = mapped_column(default="draft")
    titles: Mapped[JsonObject]
    summaries: Mapped[JsonObject]
    descriptions: Mapped[JsonObject]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    zone: Mapped[str] = mapped_column(String(64))
    place: Mapped[Name] = mapped_column(default="")
    address: Mapped[Prose] = mapped_column(default="")
    join_url: Mapped[Url] = mapped_column(default="")
    capacity: Mapped[int | None]
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminders: Mapped[JsonList]
    interpretation: Mapped[JsonList] = mapped_column(default=lambda: list(USUAL))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    recording_url: Mapped[Url] = mapped_column(default="")
    texts_attended: Mapped[JsonObject]
    texts_missed: Mapped[JsonObject]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    needs_forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    campaign: Mapped[Campaign | None] = relationship()
    ask: Mapped[Ask | None] = relationship()
    organization: Mapped[Organization | None] = relationship()

    title_en = InLanguage("titles", "en")
    title_es = InLanguage("titles", "es")
    title_ar = InLanguage("titles", "ar")
    summary_en = InLanguage("summaries", "en")
    summary_es = InLanguage("summaries", "es")
    summary_ar = InLanguage("summaries", "ar")
    description_en = InLanguage("descriptions", "en")
    description_es = InLanguage("descriptions", "es")
    description_ar = InLanguage("descriptions", "ar")
    attended_en = InLanguage("texts_attended", "en")
    attended_es = InLanguage("texts_attended", "es")
    attended_ar = InLanguage("texts_attended", "ar")
    missed_en = InLanguage("texts_missed", "en")
    missed_es = InLanguage("texts_missed", "es")
    missed_ar = InLanguage("texts_missed", "ar")

    @property
    def title(self) -> str:
        """The title as staff see it."""
        return locales.said(self.titles).text or "(no title)"

    @property
    def lasts(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at


class Attendance(Model):
    """A contact's registration for an event (OSDI: attendance): state waiting, registered or canceled.

    `since`: when they came to wait, which is their place in the line. `rounds` counts registrations and cancellations,
    `told` is the event's `sequence` that they were last told of. `needs` are deleted 30 days after the event. `how`
    says how they are known to have attended: check_in, import or join.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("event_id", "contact_id"),
        Index("ix_attendance_event_state", "event_id", "state", "since"),
        Index("ix_attendance_attended", "contact_id", "attended_at"),
        Index("ix_attendance_since", "since", "state"),  # Goals count by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    state: Mapped[Word] = mapped_column(default=WAITING)
    since: Mapped[Moment]
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    canceled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    new: Mapped[bool] = mapped_column(default=False, server_default=false())
    needs: Mapped[JsonObject]
    attended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    how: Mapped[Word] = mapped_column(default="")
    told: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)

    event: Mapped[Event] = relationship()
    contact: Mapped[Contact] = relationship()
    source: Mapped[Source | None] = relationship()


class EventMail(Model):
    """That somebody was sent the reminder or follow-up of that name, so that nobody gets it twice."""

    __tablename__ = "event_mail"

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[CreatedAt]


class AttendanceImport(Model):
    """A list of who attended, as a webinar tool wrote it: (address, minutes) of each; deleted after a week."""

    __tablename__ = "attendance_import"

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    tool: Mapped[Word]
    file_name: Mapped[Name]
    rows: Mapped[JsonList]
    created_by: Mapped[Name]
    created_at: Mapped[CreatedAt]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    event: Mapped[Event] = relationship()

    @property
    def people(self) -> list[dict[str, Any]]:
        """The rows by name."""
        return [{"address": address, "minutes": minutes} for address, minutes in self.rows]
