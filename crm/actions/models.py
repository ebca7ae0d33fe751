"""Actions, and the signatures under petitions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base import locales
from crm.base.columns import CreatedAt, Id, InLanguage, JsonList, JsonObject, Name, Prose, UtcDateTime, Version, Word
from crm.base.locales import LANGUAGES, Said
from crm.campaigns.models import Campaign
from crm.contacts.models import Contact, Source
from crm.extensions import Model
from crm.influencers.models import Ask
from crm.organizations.models import Organization

COUNTED = text("withdrawn_at IS NULL")  # The condition of a partial index.


class Option:
    """A setting that actions of one kind have, kept in `options`; its default where nobody chose."""

    def __init__(self, default: Any) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, row: Any, owner: type) -> Any:
        return self if row is None else (row.options or {}).get(self.name, self.default)

    def __set__(self, row: Any, value: Any) -> None:
        row.options = {**(row.options or {}), self.name: value}


class Action(Model):
    """Something public to do, of a kind (kinds.kinds), with its texts in each language.

    `state` is draft or published; from `opens_at` to `closes_at` it can be done, afterwards its page tells the outcome.
    Who signs a letter by `soft_closes_at` stands in what goes out.
    `goal` is how many are wanted, told in public once there are `goal_from`. `organization_id`: whose action it is
    (none: the coalition's). `topics`: the slugs of those that its form offers (none: all public ones).
    """

    __tablename__ = "action"
    __table_args__ = ({"sqlite_autoincrement": True},)  # Links in mail name the number.

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[Word] = mapped_column(index=True)
    state: Mapped[Word] = mapped_column(default="draft")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    titles: Mapped[JsonObject]
    summaries: Mapped[JsonObject]
    bodies: Mapped[JsonObject]
    buttons: Mapped[JsonObject]
    thanks: Mapped[JsonObject]
    outcomes: Mapped[JsonObject]
    goal: Mapped[int | None]
    goal_from: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    soft_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    topics: Mapped[JsonList]
    options: Mapped[JsonObject]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    next_action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id", ondelete="SET NULL"))
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    campaign: Mapped[Campaign | None] = relationship()
    ask: Mapped[Ask | None] = relationship()
    organization: Mapped[Organization | None] = relationship()
    next_action: Mapped["Action | None"] = relationship(remote_side="Action.id")

    title_en, title_es, title_ar = InLanguage("titles", "en"), InLanguage("titles", "es"), InLanguage("titles", "ar")
    summary_en, summary_es = InLanguage("summaries", "en"), InLanguage("summaries", "es")
    summary_ar = InLanguage("summaries", "ar")
    body_en, body_es, body_ar = InLanguage("bodies", "en"), InLanguage("bodies", "es"), InLanguage("bodies", "ar")
    button_en, button_es, button_ar = (InLanguage("buttons", code) for code in LANGUAGES)
    thanks_en, thanks_es, thanks_ar = (InLanguage("thanks", code) for code in LANGUAGES)
    outcome_en, outcome_es, outcome_ar = (InLanguage("outcomes", code) for code in LANGUAGES)

    addressees = Option({})
    """Letters of organizations: to whom they go, by language, in lines as they stand above the text."""
    addressee_en, addressee_es, addressee_ar = (InLanguage("addressees", code) for code in LANGUAGES)
    list_shown = Option(True)
    """Petitions: whether the names of those who chose so are listed."""
    comments_shown = Option(True)
    """Petitions: whether signers may say why."""
    asks_story = Option(False)
    """Forms: whether they ask for a story."""
    questions, required = Option(()), Option(())
    """Forms: the keys of the questions that they ask (contacts.custom_fields), and of those that must be answered."""
    leads_to = Option(None)
    """Share kits: the number of the action that their links lead to (none: the sign-up page)."""
    whom = Option("list")
    """Letters and calls: to the targets on their list, or (zip) to each supporter's own members of Congress."""
    chambers = Option("both")
    """By ZIP code: both chambers, or the house or senate alone."""
    per_hour = Option(30)
    """Letters: how many may reach one target in an hour."""

    def title(self, language: str = "en") -> str:
        """Return the title in that language, or in the first that there is."""
        return self.said("titles", language)[0]

    def said(self, texts: str, language: str) -> Said:
        """Return one of its texts and the language it is in: that one, or English, or whichever there is."""
        return locales.said(getattr(self, texts) or {}, language)


class Signature(Model):
    """One person's signature under a petition, counted until it is withdrawn.

    `shown` is what the public list tells: none, initial (first name and last initial) or full; `name` is that name as
    it was signed. `comment_state` is waiting, shown or hidden. `new`: whoever signed was no confirmed supporter before.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("action_id", "contact_id"),
        Index("ix_signature_action_at", "action_id", "at", sqlite_where=COUNTED, postgresql_where=COUNTED),
        Index("ix_signature_at", "at", sqlite_where=COUNTED, postgresql_where=COUNTED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    shown: Mapped[Word] = mapped_column(default="none")
    name: Mapped[Name] = mapped_column(default="")
    city: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="", index=True)
    comment: Mapped[Prose] = mapped_column(default="")
    comment_state: Mapped[Word] = mapped_column(default="")
    language: Mapped[Word] = mapped_column(default="en")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    new: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    action: Mapped[Action] = relationship()
    contact: Mapped[Contact] = relationship()
    source: Mapped[Source | None] = relationship()
