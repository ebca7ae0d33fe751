"""Tables that belong to no subject: the installation, the audit trail, the counters of limits."""

import uuid
from datetime import datetime

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Id, JsonObject, Long, Name, Prose, UtcDateTime, Word
from crm.extensions import Model


class Installation(Model):
    """One row, made by the first migration: which installation this database belongs to."""

    __tablename__ = "installation"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    key_fingerprint: Mapped[str] = mapped_column(String(64))  # Of SECRET_KEY (base.keys); empty until the first start.


class AuditEntry(Model):
    """Who did what to which thing, when, and why; append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_thing", "thing", "thing_id"),)

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    actor: Mapped[Name]
    verb: Mapped[Word]
    thing: Mapped[Word]
    thing_id: Mapped[int | None] = mapped_column(Long)
    changes: Mapped[JsonObject]
    reason: Mapped[Prose] = mapped_column(default="")


class Counter(Model):
    """How often a limited thing happened in one window of time."""

    __tablename__ = "counter"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int]


class FormPost(Model):
    """A form that was saved: the SHA-256 of what was sent, and where its sender was led."""

    __tablename__ = "form_post"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    place: Mapped[str] = mapped_column(String(2000))


class ReviewedText(Model):
    """A translation that a named person has reviewed; `digest` is SHA-256 of the English source."""

    __tablename__ = "reviewed_text"

    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[Prose]
    reviewed_by: Mapped[Name]
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
