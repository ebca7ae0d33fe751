"""Organizations that sign a letter, who asked to sign for them after that, and the deliveries of letters."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.actions.models import Action
from crm.base.columns import CreatedAt, Id, Name, Prose, UtcDateTime, Word
from crm.contacts.models import Contact, Source
from crm.extensions import Model
from crm.influencers.models import Interaction
from crm.organizations.models import Organization


class SignOn(Model):
    """One organization under a letter: who signed for it with which title, and whether that stands.

    `state` is waiting, accepted, declined or withdrawn. `organization_id`: the member that it is; its own staff may
    accept it, too. `contact_id`: whose proven address it came from (none: staff signed).
    """

    __tablename__ = "sign_on"
    __table_args__ = (UniqueConstraint("action_id", "name_key"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    name: Mapped[Name]
    name_key: Mapped[str] = mapped_column(String(400))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    signer: Mapped[Name] = mapped_column(default="")
    signer_title: Mapped[Name] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(default="waiting", index=True)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_digest: Mapped[str] = mapped_column(String(64), default="")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    new: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[Prose] = mapped_column(default="")

    action: Mapped[Action] = relationship()
    organization: Mapped[Organization | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    source: Mapped[Source | None] = relationship()
    decided_by: Mapped[User | None] = relationship()


class FurtherSigner(Model):
    """Somebody who signed for an organization that stood there already, kept so that staff can write to them."""

    __tablename__ = "further_signer"
    __table_args__ = (UniqueConstraint("action_id", "name_key", "contact_id"),)

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    name_key: Mapped[str] = mapped_column(String(400))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    signer: Mapped[Name] = mapped_column(default="")
    signer_title: Mapped[Name] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    contact: Mapped[Contact] = relationship()


class LetterDelivery(Model):
    """A letter that was handed over: on which day, with how many organizations, and the interaction that tells it.

    Its texts, its signers and its head, with the coalition's name, address, color and logo, are kept as they were then.
    Of deliveries before that was so, `language` is "", or `coalition`.
    """

    __tablename__ = "letter_delivery"

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="SET NULL"))
    delivered_on: Mapped[date]
    organizations: Mapped[int]
    language: Mapped[Word] = mapped_column(default="", server_default="")
    title: Mapped[Name] = mapped_column(default="", server_default="")
    title_language: Mapped[Word] = mapped_column(default="", server_default="")
    body: Mapped[Prose] = mapped_column(default="", server_default="")
    addressee: Mapped[Prose] = mapped_column(default="", server_default="")
    addressee_language: Mapped[Word] = mapped_column(default="", server_default="")
    coalition: Mapped[Name] = mapped_column(default="", server_default="")
    postal_address: Mapped[Prose] = mapped_column(default="", server_default="")
    color: Mapped[Word] = mapped_column(default="", server_default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[CreatedAt]

    action: Mapped[Action] = relationship()
    interaction: Mapped[Interaction | None] = relationship()
    signers: Mapped[list["DeliveredSigner"]] = relationship(order_by="DeliveredSigner.position")


class DeliveredSigner(Model):
    """An organization under a letter that was handed over, as it stood there."""

    __tablename__ = "delivered_signer"
    __table_args__ = (UniqueConstraint("delivery_id", "position"),)

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("letter_delivery.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Name]
    signer: Mapped[Name] = mapped_column(default="")
    signer_title: Mapped[Name] = mapped_column(default="")
    logo_digest: Mapped[str] = mapped_column(String(64), default="")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
