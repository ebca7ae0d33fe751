"""Who knows whom, and who is proposed as an influencer."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Name, Prose, UtcDateTime, Version, Word
from crm.contacts.models import Contact
from crm.extensions import Model
from crm.organizations.models import Organization

ONE_KNOWER = (
    "(CASE WHEN knower_contact_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN knower_user_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN knower_organization_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class Acquaintance(Model):
    """A contact whom a contact, a user or a member organization knows; between contacts it holds both ways.

    `organization_id`: whose staff entered it (none: the coalition's own). `seen_by`: all `members`, or its `own` alone.
    `source_key` names what proposed it, so that nothing is proposed twice.
    """

    __tablename__ = "acquaintance"
    __table_args__ = (
        CheckConstraint(ONE_KNOWER, name="one_knower"),
        CheckConstraint("knower_contact_id IS NULL OR knower_contact_id <> contact_id", name="two_people"),
        CheckConstraint("strength BETWEEN 1 AND 5", name="strength"),
        # A way is walked from either end, through what is accepted and strong enough.
        Index("ix_acquaintance_known", "contact_id", "state", "knower_contact_id", "strength"),
        Index("ix_acquaintance_knower", "knower_contact_id", "state", "strength"),
    )

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    knower_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    knower_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    knower_organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), index=True
    )
    strength: Mapped[int]
    kind: Mapped[Word]
    last_contact_on: Mapped[date | None]
    remark: Mapped[Prose] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="accepted", index=True)
    source: Mapped[Name] = mapped_column(default="")
    source_key: Mapped[Name | None] = mapped_column(unique=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    seen_by: Mapped[Word] = mapped_column(default="own")
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    contact: Mapped[Contact] = relationship(foreign_keys=contact_id)
    knower_contact: Mapped[Contact | None] = relationship(foreign_keys=knower_contact_id)
    knower_user: Mapped[User | None] = relationship(foreign_keys=knower_user_id)
    knower_organization: Mapped[Organization | None] = relationship(foreign_keys=knower_organization_id)
    entered_by: Mapped[User | None] = relationship(foreign_keys=entered_by_id)
    organization: Mapped[Organization | None] = relationship(foreign_keys=organization_id)

    @property
    def knower(self) -> Contact | User | Organization:
        """Who knows the contact."""
        found = self.knower_contact or self.knower_user or self.knower_organization
        assert found, "the table holds exactly one"
        return found


class AskedAbout(Model):
    """An influencer whose name new supporters are shown, with the question whether they know them."""

    __tablename__ = "asked_about"

    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), primary_key=True)
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    named_at: Mapped[CreatedAt]

    named_by: Mapped[User | None] = relationship()


class InfluencerProposal(Model):
    """A contact who might become an influencer, of all members or of one (`organization_id`); staff decide.

    `source_key` names what proposed it: what was dismissed does not come back.
    """

    __tablename__ = "influencer_proposal"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    source: Mapped[Name]
    source_key: Mapped[Name] = mapped_column(unique=True)
    why: Mapped[Prose] = mapped_column(default="")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    state: Mapped[Word] = mapped_column(default="proposed", index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[CreatedAt]

    contact: Mapped[Contact] = relationship()
    organization: Mapped[Organization | None] = relationship()
    decided_by: Mapped[User | None] = relationship()
