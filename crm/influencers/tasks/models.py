"""The tasks about influencers."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Name, Prose, UpdatedAt, UtcDateTime, Version
from crm.extensions import Model
from crm.influencers.models import Ask, Influencer
from crm.influencers.plans.models import Plan

OPEN = text("done_at IS NULL")


class Task(Model):
    """Something due about an influencer, perhaps about one ask, and who does it.

    `organization_id` is whose staff made it, and alone read it beside its assignee (none: the coalition's own). It
    comes after `after_id`, and moves with that, where a plan says so.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_due", "assignee_id", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_task_due", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[Id]
    influencer_id: Mapped[int] = mapped_column(ForeignKey("influencer.id", ondelete="CASCADE"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("ask.id", ondelete="SET NULL"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id", ondelete="SET NULL"), index=True)
    after_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    title: Mapped[Name]
    note: Mapped[Prose] = mapped_column(default="")
    due_on: Mapped[date]
    assignee_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    influencer: Mapped[Influencer] = relationship()
    ask: Mapped[Ask | None] = relationship()
    plan: Mapped[Plan | None] = relationship()
    assignee: Mapped[User] = relationship(foreign_keys=assignee_id)
    done_by: Mapped[User | None] = relationship(foreign_keys=done_by_id)
