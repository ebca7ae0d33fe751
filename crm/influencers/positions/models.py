"""The positions of influencers on campaigns, with their history."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base.columns import Id, Prose, Version, Word
from crm.campaigns.models import Campaign
from crm.extensions import Model
from crm.influencers.lines import Line


class Position(Model):
    """Where an influencer stands on a campaign now; none on record means unknown."""

    __tablename__ = "position"
    __table_args__ = (UniqueConstraint("influencer_id", "campaign_id"),)

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    stance: Mapped[Word]
    version: Mapped[Version]

    campaign: Mapped[Campaign] = relationship()


class PositionChange(Line, Model):
    """One change of a position."""

    __tablename__ = "position_change"

    position_id: Mapped[int] = mapped_column(ForeignKey("position.id", ondelete="CASCADE"), index=True)
    old_stance: Mapped[Word]
    new_stance: Mapped[Word]
    reason: Mapped[Prose] = mapped_column(default="")

    position: Mapped[Position] = relationship()
