"""Who else took part in an interaction, and its edits."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import JsonObject
from crm.extensions import Model
from crm.influencers.lines import Line


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


class InteractionChange(Line, Model):
    """An edit of an interaction. `changes` maps fields to [old, new]."""

    __tablename__ = "interaction_change"

    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"), index=True)
    changes: Mapped[JsonObject]
