"""Resources of the library, their files, the words that find them, and their downloads."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base import locales
from crm.base.columns import (
    CreatedAt,
    Id,
    InLanguage,
    JsonList,
    JsonObject,
    Long,
    LongId,
    Moment,
    Name,
    Prose,
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

# Compared byte by byte on both databases, so that what begins with a word is one range of the index.
IndexWord = String(60).with_variant(String(60, collation="C"), "postgresql")


class Resource(Model):
    """A paper, recording, recommendation or link; `slug` names its page, which stays where it is for good.

    state: draft, published, withdrawn. gate: free, or address (its files are given to who proves an e-mail address).
    `authors` has one a line: `Delacroix, Ruth`, or an organization as it is called. `cover` is the public id of a
    picture; `cover_drawn` says that it was made of a file's first page. `topics` are slugs.
    """

    __tablename__ = "resource"
    __table_args__ = (Index("ix_resource_state_published_on", "state", "published_on"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[Word]
    titles: Mapped[JsonObject]
    summaries: Mapped[JsonObject]
    bodies: Mapped[JsonObject]
    transcripts: Mapped[JsonObject]
    authors: Mapped[Prose] = mapped_column(default="")
    published_on: Mapped[date | None]
    topics: Mapped[JsonList]
    audiences: Mapped[JsonList]
    languages: Mapped[JsonList]
    url: Mapped[Url] = mapped_column(default="")
    gate: Mapped[Word] = mapped_column(default="free")
    state: Mapped[Word] = mapped_column(default="draft")
    cover: Mapped[str] = mapped_column(String(32), default="")
    cover_drawn: Mapped[bool] = mapped_column(default=False)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign | None] = relationship()
    ask: Mapped[Ask | None] = relationship()
    organization: Mapped[Organization | None] = relationship()
    files: Mapped[list["ResourceFile"]] = relationship(order_by="ResourceFile.id", cascade="all, delete-orphan")

    title_en, title_es, title_ar = (InLanguage("titles", code) for code in ("en", "es", "ar"))
    summary_en, summary_es, summary_ar = (InLanguage("summaries", code) for code in ("en", "es", "ar"))
    body_en, body_es, body_ar = (InLanguage("bodies", code) for code in ("en", "es", "ar"))
    transcript_en, transcript_es, transcript_ar = (InLanguage("transcripts", code) for code in ("en", "es", "ar"))

    @property
    def name(self) -> str:
        """The title for staff: the English one, or the first there is."""
        return locales.said(self.titles).text or "(no title)"

    @property
    def current_files(self) -> list["ResourceFile"]:
        """The files that no newer one has replaced."""
        return [file for file in self.files if file.replaced_at is None]


class ResourceFile(Model):
    """A file of a resource in one language; its bytes lie under INSTANCE_PATH by its token, which nobody can guess.

    state: waiting (to be read), reading, read, failed (`problem` says why), or kept (of a kind that is not read).
    `reading_until` is when another worker may try. `text` is what a PDF says. Of one that was replaced the row stays.
    """

    __tablename__ = "resource_file"
    __table_args__ = (Index("ix_resource_file_state", "state"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    language: Mapped[Word]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    kind: Mapped[Word]
    size: Mapped[int] = mapped_column(Long)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[Word]
    reading_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[Name] = mapped_column(default="")
    pages: Mapped[int | None]
    text: Mapped[Prose] = mapped_column(default="", deferred=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    resource: Mapped[Resource] = relationship(overlaps="files")


class ResourceWord(Model):
    """A word that finds a resource, and how much it weighs; `topic:research` and the like are what filters ask for."""

    __tablename__ = "resource_word"

    word: Mapped[str] = mapped_column(IndexWord, primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    weight: Mapped[int]


class Download(Model):
    """That a resource was taken: by a contact once a day at most, or by a visitor nobody knows (no contact).

    `how`: open (of a free file), confirmed (its address was proven for it), or known (by a link in a mail).
    """

    __tablename__ = "download"
    __table_args__ = (
        UniqueConstraint("resource_id", "contact_id", "day"),
        Index("ix_download_contact_at", "contact_id", "at"),
    )

    id: Mapped[LongId]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("resource_file.id", ondelete="SET NULL"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    language: Mapped[Word]
    how: Mapped[Word]
    day: Mapped[date]
    at: Mapped[Moment] = mapped_column(index=True)

    resource: Mapped[Resource] = relationship()
    contact: Mapped[Contact | None] = relationship()
    source: Mapped[Source | None] = relationship()


class ResourceProposal(Model):
    """An organization whose people read a resource; nobody of them is named. state: open, accepted, dismissed.

    `key` is the folded name. `readers` is how many there were when it was proposed or decided last.
    """

    __tablename__ = "resource_proposal"
    __table_args__ = (UniqueConstraint("resource_id", "key"),)

    id: Mapped[Id]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    key: Mapped[Name]
    name: Mapped[Name]
    readers: Mapped[int]
    state: Mapped[Word] = mapped_column(default="open", index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[Name] = mapped_column(default="")

    resource: Mapped[Resource] = relationship()
