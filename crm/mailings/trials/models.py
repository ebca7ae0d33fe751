"""Who was sent a test of a mailing."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Address, CreatedAt, Id, Name
from crm.extensions import Model


class MailingTest(Model):
    """A test that a reviewer was sent; `holds_for` is the version of the mailing that it shows (as MailingApproval)."""

    __tablename__ = "mailing_test"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), index=True)
    holds_for: Mapped[int]
    address: Mapped[Address]
    sent_by: Mapped[Name]
    at: Mapped[CreatedAt]
