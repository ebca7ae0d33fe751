"""Influencers, the asks made to them, the interactions with them, and the history of all three."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, JsonObject, Name, Prose, UpdatedAt, Url, UtcDateTime, Word
from crm.campaigns.models import Campaign
from crm.contacts.models import Contact
from crm.extensions import Model
from crm.influencers.lines import Line
from crm.influencers.photos.models import InfluencerPhoto
from crm.influencers.positions.models import Position
from crm.influencers.snoozes.models import Snooze
from crm.organizations.models import Organization

if TYPE_CHECKING:
    from crm.influencers.offices.models import CommitteeSeat

OPEN_STEP = text("next_step <> '' AND next_step_done_at IS NULL")
DUE_STEP = text("next_step_due IS NOT NULL AND next_step_done_at IS NULL")


class Influencer(Model):
    """A contact who can move the agenda; of all members, or (`organization_id`) of one member organization alone.

    `committees` are the seats that last. `former_since`: the day from which a former holder holds no office any more.
    `imported_facts` is what the source said last, so that an import writes only what changed there and leaves edits
    by hand alone; `import_key` is the digest by which it finds the person again.
    """

    __tablename__ = "influencer"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), unique=True)
    formal_name: Mapped[Name] = mapped_column(default="")
    role: Mapped[Name] = mapped_column(default="")
    body: Mapped[Name] = mapped_column(default="")
    office: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="", index=True)
    district: Mapped[Word] = mapped_column(default="")
    sector: Mapped[Word] = mapped_column(default="", index=True)
    phone: Mapped[Word] = mapped_column(default="")
    website: Mapped[Url] = mapped_column(default="")
    web_form: Mapped[Url] = mapped_column(default="")
    interest: Mapped[int | None]
    influence: Mapped[int | None]
    stage: Mapped[Word] = mapped_column(default="identified", index=True)
    stage_since: Mapped[CreatedAt]
    former_since: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    backup_owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    languages: Mapped[Name] = mapped_column(default="", server_default="")
    assistant_name: Mapped[Name] = mapped_column(default="", server_default="")
    assistant_contact: Mapped[Name] = mapped_column(default="", server_default="")
    noticed_on: Mapped[date | None]
    notes: Mapped[Prose] = mapped_column(default="")
    basis: Mapped[Prose] = mapped_column(default="")
    external_id: Mapped[Name | None] = mapped_column(unique=True)
    imported_from: Mapped[Name] = mapped_column(default="")
    imported_facts: Mapped[JsonObject]
    import_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    release_reason: Mapped[Prose] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    contact: Mapped[Contact] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    backup_owner: Mapped[User | None] = relationship(foreign_keys=backup_owner_id)
    organization: Mapped[Organization | None] = relationship()
    released_by: Mapped[User | None] = relationship(foreign_keys=released_by_id)
    asks: Mapped[list["Ask"]] = relationship(back_populates="influencer", passive_deletes=True)
    moves: Mapped[list["StageChange"]] = relationship(passive_deletes=True, order_by="StageChange.id.desc()")
    committees: Mapped[list["CommitteeSeat"]] = relationship(
        primaryjoin="(CommitteeSeat.influencer_id == Influencer.id) & CommitteeSeat.until.is_(None)",
        order_by="CommitteeSeat.code, CommitteeSeat.id",
        viewonly=True,
    )
    positions: Mapped[list[Position]] = relationship(viewonly=True)
    photo: Mapped[InfluencerPhoto | None] = relationship(viewonly=True)
    # Those that nobody ended before their day, which may be over.
    open_snoozes: Mapped[list[Snooze]] = relationship(
        viewonly=True,
        primaryjoin=lambda: (Snooze.influencer_id == Influencer.id) & Snooze.ended_at.is_(None),
        order_by=Snooze.id,
    )

    @property
    def name(self) -> str:
        return self.contact.name

    @property
    def constituency(self) -> str:
        """State and district in short, e.g. MI-5, `at large` where the state is one district."""
        if not self.district:
            return self.state
        return f"{self.state} at large" if self.district == "0" else f"{self.state}-{self.district}"


class FormerImportKey(Model):
    """By which an import would find a profile that is part of another one now."""

    __tablename__ = "former_import_key"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)


class KeptOut(Model):
    """Whom no import brings back, because they asked to be forgotten: the keyed hash of their import key."""

    __tablename__ = "kept_out"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[CreatedAt]


class StageChange(Line, Model):
    """One move of an influencer."""

    __tablename__ = "stage_change"

    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    old_stage: Mapped[Word]
    new_stage: Mapped[Word]
    reason: Mapped[Prose] = mapped_column(default="")


class ProfileChange(Line, Model):
    """What an edit or an import changed on a profile. `changes` maps fields to [old, new]."""

    __tablename__ = "profile_change"

    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    changes: Mapped[JsonObject]


class Ask(Model):
    """One specific request to one influencer; private unless somebody marked it as may be public.

    `organization_id`: whose staff makes it (none: the coalition's own). `seen_by`: all `members`, or its `own` alone.
    `lobbying`: how the law counts the work on it, on which `bill`, and who paid; `hours` and `cost` (US dollars) of it.
    """

    __tablename__ = "ask"
    __table_args__ = (Index("ix_ask_state_due_on", "state", "due_on"),)

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    title: Mapped[Name]
    category: Mapped[Word]
    detail: Mapped[Prose] = mapped_column(default="")
    talking_points: Mapped[Prose] = mapped_column(default="", server_default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    seen_by: Mapped[Word] = mapped_column(default="members", server_default="members")
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"), index=True)
    due_on: Mapped[date | None]
    state: Mapped[Word] = mapped_column(default="planned")
    state_since: Mapped[CreatedAt]
    outcome: Mapped[Prose] = mapped_column(default="")
    evidence_url: Mapped[Url] = mapped_column(default="")
    value: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    unit: Mapped[Word] = mapped_column(default="")
    lobbying: Mapped[Word] = mapped_column(default="", server_default="")
    bill: Mapped[Name] = mapped_column(default="", server_default="")
    paid_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    hours: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    public_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    public_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    influencer: Mapped[Influencer] = relationship(back_populates="asks")
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    organization: Mapped[Organization | None] = relationship(foreign_keys=organization_id)
    paid_by: Mapped[Organization | None] = relationship(foreign_keys=paid_by_id)
    public_by: Mapped[User | None] = relationship(foreign_keys=public_by_id)
    campaign: Mapped[Campaign | None] = relationship()
    history: Mapped[list["AskChange"]] = relationship(passive_deletes=True, order_by="AskChange.id")


class AskChange(Line, Model):
    """One step or edit of an ask."""

    __tablename__ = "ask_change"

    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"), index=True)
    old_state: Mapped[Word]
    new_state: Mapped[Word]
    reason: Mapped[Prose] = mapped_column(default="")
    changes: Mapped[JsonObject]


class Interaction(Model):
    """A meeting, call, e-mail, event or note with a contact, and perhaps the next step that it led to.

    Who else took part stands in participants.models. `begins_at`: the time of day in `zone`, where one is given.
    Summary and next step are for the staff of `organization_id` alone (none: the coalition's own). `openness` says what
    other members learn of it: who, when and how (`open`), that they should `ask` the coordinator, nothing (`private`).
    """

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_contact_held", "contact_id", "held_on"),
        Index("ix_interaction_held_on", "held_on"),
        # Partial indexes answer only queries that repeat their condition.
        Index("ix_interaction_next_step", "contact_id", sqlite_where=OPEN_STEP, postgresql_where=OPEN_STEP),
        Index("ix_interaction_next_step_due", "next_step_due", sqlite_where=DUE_STEP, postgresql_where=DUE_STEP),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    held_on: Mapped[date]
    summary: Mapped[Prose]
    next_step: Mapped[Name] = mapped_column(default="")
    next_step_due: Mapped[date | None]
    next_step_done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_step_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    openness: Mapped[Word] = mapped_column(default="open", server_default="open")
    begins_at: Mapped[time | None]
    zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    place: Mapped[Name] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]

    contact: Mapped[Contact] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=user_id)
    next_step_user: Mapped[User | None] = relationship(foreign_keys=next_step_user_id)
    organization: Mapped[Organization | None] = relationship()


class RestrictedNote(Model):
    """What only some may read about an influencer: the staff of one organization (none: the coalition's own).

    Of those, all, or (`admins_only`) admins; whoever wrote it reads it too.
    """

    __tablename__ = "restricted_note"

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    text: Mapped[Prose]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    admins_only: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[CreatedAt]

    user: Mapped[User | None] = relationship()
    organization: Mapped[Organization | None] = relationship()
