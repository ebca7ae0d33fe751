"""Contacts, what they agreed to, and where they came from."""

from datetime import datetime

from markupsafe import Markup, escape
from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from crm.base import locales
from crm.base.columns import (
    CreatedAt,
    Id,
    InLanguage,
    JsonList,
    JsonObject,
    Name,
    Prose,
    PublicId,
    UpdatedAt,
    Url,
    UtcDateTime,
    Version,
    Word,
)
from crm.contacts.keys import hash_of, hash_of_new, name_key_of, name_key_of_new, new_share_code
from crm.extensions import Model

NAMES = ("last_name", "first_name")
NAMED, NO_EMAIL = text("name_key <> ''"), text("email IS NULL")  # The conditions of partial indexes.
WITHDRAWN = text("act = 'withdrawn'")

contact_tag = Table(
    "contact_tag",
    Model.metadata,
    Column("contact_id", ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Contact(Model):
    """A person on record; the address is stored in its normal form, and is unique where there is one.

    `address_hash` follows the address by itself: it is what the suppressions know the address by. So does `name_key`
    the name: it finds others who are called the same.
    """

    __tablename__ = "contact"
    # Links that never expire name the id, so that SQLite must not give it to somebody else later.
    __table_args__ = (
        # By it an import of influencers finds people who have no address.
        Index("ix_contact_name_without_email", *NAMES, sqlite_where=NO_EMAIL, postgresql_where=NO_EMAIL),
        Index("ix_contact_name_key", "name_key", sqlite_where=NAMED, postgresql_where=NAMED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    address_hash: Mapped[str] = mapped_column(String(64), default=hash_of_new, index=True)
    first_name: Mapped[Name] = mapped_column(default="")
    last_name: Mapped[Name] = mapped_column(default="")
    name_key: Mapped[str] = mapped_column(String(400), default=name_key_of_new, server_default="")
    organization_name: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Word] = mapped_column(default="")
    city: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="", index=True)
    zip_code: Mapped[Word] = mapped_column(default="", index=True)
    language: Mapped[Word] = mapped_column(default="en")
    zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    share_code: Mapped[str] = mapped_column(String(16), unique=True, default=new_share_code)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    updated_at: Mapped[UpdatedAt]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    source: Mapped["Source | None"] = relationship()
    tags: Mapped[list["Tag"]] = relationship(secondary=contact_tag, back_populates="contacts")
    subscriptions: Mapped[list["Subscription"]] = relationship(back_populates="contact", cascade="all, delete-orphan")

    @validates("email")
    def _keep_hash(self, _name: str, email: str | None) -> str | None:
        self.address_hash = hash_of(email)
        return email

    @validates("first_name", "last_name")
    def _keep_name_key(self, field: str, text: str) -> str:
        names = {"first_name": self.first_name, "last_name": self.last_name, field: text}
        self.name_key = name_key_of(names["first_name"], names["last_name"])
        return text

    @property
    def name(self) -> str:
        """The full name, or the address where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.email or "(no name)"


class Tag(Model):
    """A word that staff put on contacts."""

    __tablename__ = "tag"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)

    contacts: Mapped[list[Contact]] = relationship(secondary=contact_tag, back_populates="tags")


class Topic(Model):
    """What one may subscribe to; `slug` names it in links and in the List-Id of its mail."""

    __tablename__ = "topic"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    names: Mapped[JsonObject]
    descriptions: Mapped[JsonObject]
    public: Mapped[bool] = mapped_column(default=True)
    default: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[Version]

    name_en, name_es, name_ar = (InLanguage("names", code) for code in locales.LANGUAGES)

    def name(self, language: str = "en") -> str:
        """Return the name in that language, or in English where it was not translated."""
        return locales.said(self.names, language).text or self.slug

    def shown(self) -> Markup:
        """Return the name for a page in the language that is being written, marked where it was not translated."""
        return locales.said_here(self.names).shown or escape(self.slug)


class Subscription(Model):
    """Contact × topic; state is pending, active or unsubscribed."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("contact_id", "topic_id"),
        # With the contact in them, so that segments of a million read an index alone.
        Index("ix_subscription_topic_state", "topic_id", "state", "contact_id"),
        Index("ix_subscription_state_contact", "state", "contact_id"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    state: Mapped[Word]
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    contact: Mapped[Contact] = relationship(back_populates="subscriptions")
    topic: Mapped[Topic] = relationship()


class Source(Model):
    """Where a sign-up came from; one row for each distinct combination.

    `kind` is website, member, supporter, mailing, import or staff; `code` is the ?via= code of the member
    organization or mailing, or the share code of the supporter.
    """

    __tablename__ = "source"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[Word]
    label: Mapped[Name]
    code: Mapped[Name] = mapped_column(default="")
    utm_source: Mapped[Name] = mapped_column(default="")
    utm_medium: Mapped[Name] = mapped_column(default="")
    utm_campaign: Mapped[Name] = mapped_column(default="")
    utm_content: Mapped[Name] = mapped_column(default="")
    utm_term: Mapped[Name] = mapped_column(default="")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))


class SignUp(Model):
    """What a visitor typed into a form; it becomes part of the contact when the address is confirmed.

    `state` is open, confirmed or void (the person left before confirming); `mail` is the letter that went out. With a
    deed (`deed_kind`, `about_id`, `details`) it counts for that then, and without topics for nothing else.
    """

    __tablename__ = "sign_up"
    __table_args__ = (
        Index("ix_sign_up_state_created_at", "state", "created_at"),
        Index("ix_sign_up_deed", "deed_kind", "about_id", "state"),  # Every list of forms asks who came by each.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    form_digest: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[Word] = mapped_column(default="open")
    mail: Mapped[Word]
    made_contact: Mapped[bool] = mapped_column(default=False)
    language: Mapped[Word]
    typed: Mapped[JsonObject]
    topics: Mapped[JsonList]
    deed_kind: Mapped[Word] = mapped_column(default="", server_default="")
    about_id: Mapped[int | None]
    details: Mapped[JsonObject] = mapped_column(server_default="{}")
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("consent_wording.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    place: Mapped[Prose] = mapped_column(default="")
    ip: Mapped[str | None] = mapped_column(String(45))
    created_at: Mapped[CreatedAt]
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    contact: Mapped[Contact] = relationship()


class ConsentWording(Model):
    """One exact wording that was or is shown; never changed, only followed by another."""

    __tablename__ = "consent_wording"

    id: Mapped[Id]
    purpose: Mapped[Word]
    language: Mapped[Word]
    text: Mapped[Prose]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]
    reviewed_by: Mapped[Name] = mapped_column(default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    live: Mapped[bool] = mapped_column(default=False)


class ConsentRecord(Model):
    """Append-only proof: who, what purpose, which wording, where, when, how.

    `act` is given, withdrawn or restored; `topics` lists slugs, parted by spaces. Only the IP address is ever
    changed, to nothing, after 30 days.
    """

    __tablename__ = "consent_record"
    __table_args__ = (
        Index("ix_consent_record_purpose", "purpose", "contact_id"),
        Index("ix_consent_record_withdrawn", "at", "contact_id", sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN),
    )

    id: Mapped[Id]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[CreatedAt]
    act: Mapped[Word]
    purpose: Mapped[Word]
    topics: Mapped[Prose] = mapped_column(default="")
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("consent_wording.id"))
    method: Mapped[Word]
    place: Mapped[Prose] = mapped_column(default="")
    ip: Mapped[str | None] = mapped_column(String(45))
    actor: Mapped[Name] = mapped_column(default="")
    evidence: Mapped[JsonObject]

    wording: Mapped[ConsentWording | None] = relationship()


class TimelineEntry(Model):
    """Something that happened with a contact; written by the subjects above, read by its page.

    A private one is for the staff of `organization_id` alone (none: the coalition's own).
    """

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_contact_at", "contact_id", "at"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    at: Mapped[CreatedAt]
    kind: Mapped[Word]
    title: Mapped[Prose]
    url: Mapped[Url] = mapped_column(default="")
    actor: Mapped[Name] = mapped_column(default="")
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))


class Segment(Model):
    """A saved condition, evaluated when it is used."""

    __tablename__ = "segment"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    definition: Mapped[JsonObject]
    created_by: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class District(Model):
    """A congressional district that a ZIP code lies in, perhaps besides others; 0 where the state is one district."""

    __tablename__ = "district"
    __table_args__ = (Index("ix_district_state", "state", "district"),)

    zip_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    state: Mapped[str] = mapped_column(String(2), primary_key=True)
    district: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
