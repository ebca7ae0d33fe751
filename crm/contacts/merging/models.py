"""Contacts that became part of others, and pairs that staff say are two people."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, Name
from crm.contacts.models import Contact
from crm.extensions import Model


class MergedContact(Model):
    """A contact that became part of another: its id in links that live for good, the address that was given up.

    `contact_id` is always one that there is: where that one becomes part of a third, it follows.
    """

    __tablename__ = "merged_contact"

    gone_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    address: Mapped[str | None] = mapped_column(String(254), index=True)
    share_code: Mapped[str] = mapped_column(String(16), index=True)
    merged_at: Mapped[CreatedAt]
    merged_by: Mapped[Name] = mapped_column(default="")


class NotTheSame(Model):
    """Two contacts who look alike and are two people, as somebody of the staff said; the lower id stands first."""

    __tablename__ = "not_the_same"
    __table_args__ = (CheckConstraint("first_id < second_id", name="in_order"),)

    first_id: Mapped[int] = mapped_column(ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True, index=True)
    said_at: Mapped[CreatedAt]
    said_by: Mapped[Name] = mapped_column(default="")
