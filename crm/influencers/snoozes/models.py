"""The snoozes of influencers."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Prose, UtcDateTime
from crm.extensions import Model


class Snooze(Model):
    """Why an influencer is left alone until a day, by whom; kept when it is over. `ended_at`: ended before that day.

    `organization_id` is whose staff snoozed (none: the coalition's own): what they may know of ends it.
    """

    __tablename__ = "snooze"

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    reason: Mapped[Prose]
    until: Mapped[date] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User | None] = relationship()
