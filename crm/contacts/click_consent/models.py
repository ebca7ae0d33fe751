"""Who agreed that we keep which links of our mail they follow."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt
from crm.extensions import Model


class ClickConsent(Model):
    """One row for each contact who agreed. The links in their mail carry `key`, which nobody can guess.

    What is kept of their clicks names this row, so that it goes with the agreement.
    """

    __tablename__ = "click_consent"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    since: Mapped[CreatedAt]
