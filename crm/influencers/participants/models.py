"""Who else took part in an interaction, and its edits."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, JsonObject
from crm.extensions import Model


class InteractionContact(Model):
    """A contact who took part beside the one whom the interaction is with."""

    __tablename__ = "interaction_contact"

    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True)


class InteractionUser(Model):
    """One of the staff who took part beside the one who logged it."""

    __tablename__ = "interaction_user"

    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)


class InteractionChange(Model):
    """An edit of an interaction; append-only. `changes` maps fields to [old, new], `version` is the one afterwards."""

    __tablename__ = "interaction_change"

    id: Mapped[Id]
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"), index=True)
    at: Mapped[CreatedAt]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    changes: Mapped[JsonObject]
    version: Mapped[int]

    user: Mapped[User | None] = relationship()
