"""The ready texts of share kits, and how often they were taken and followed."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.actions.models import Action
from crm.base.columns import Id, Name, Prose, Version, Word
from crm.extensions import Model


class ShareText(Model):
    """A ready text of a kit for one channel, in one language; `{link}` in it becomes the link of whoever shares."""

    __tablename__ = "share_text"
    __table_args__ = ({"sqlite_autoincrement": True},)  # Links name the number.

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    channel: Mapped[Word]
    language: Mapped[Word] = mapped_column(default="en")
    subject: Mapped[Name] = mapped_column(default="")
    text: Mapped[Prose]
    version: Mapped[Version]

    action: Mapped[Action] = relationship()


class ShareCount(Model):
    """How often a text was taken (`copies`), and its link followed (`arrivals`), by the credit of who shares it.

    `credit` is the code of a member, `supporters` for all of theirs together, or "" where nobody is known.
    """

    __tablename__ = "share_count"

    text_id: Mapped[int] = mapped_column(
        ForeignKey("share_text.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    credit: Mapped[str] = mapped_column(String(32), primary_key=True)
    copies: Mapped[int] = mapped_column(default=0)
    arrivals: Mapped[int] = mapped_column(default=0)
