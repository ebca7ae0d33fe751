"""Plan templates, and the plans started from them."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, JsonList, Name, Prose, Version
from crm.extensions import Model


class PlanTemplate(Model):
    """A series of steps around an anchor, such as the day of a meeting.

    Each of `steps` has title, days (from the anchor, negative before it), assignee (`owner` of the influencer or
    `starter` of the plan) and after (the place of the step in the list that it comes after, or none).
    """

    __tablename__ = "plan_template"

    id: Mapped[Id]
    name: Mapped[Name]
    about: Mapped[Prose] = mapped_column(default="")
    steps: Mapped[JsonList]
    version: Mapped[Version]


class Plan(Model):
    """A plan that was started with an influencer: under which name, around which day; its tasks stand on their own."""

    __tablename__ = "plan"

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("plan_template.id", ondelete="SET NULL"))
    name: Mapped[Name]
    anchor_on: Mapped[date]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[CreatedAt]

    started_by: Mapped[User | None] = relationship()
