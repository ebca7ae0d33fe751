"""What a talk that is logged settles: the next step or the task because of which it took place."""

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.forms import row_number
from crm.extensions import db
from crm.influencers import access, interactions
from crm.influencers.models import Interaction
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task


def find(key: str, user: User) -> Interaction | Task | None:
    """Return the open next step (as its interaction) or task that a key such as step-7 or task-3 names; None for none.

    Only what the user may tick off is found.
    """
    kind, _, number = key.partition("-")
    if kind == "task":
        task = tracking.find(row_number(number), user)
        return task if task and task.done_at is None else None
    query = select(Interaction).where(Interaction.id == row_number(number), access.own_interactions(user))
    query = query.where(Interaction.next_step != "", Interaction.next_step_done_at.is_(None))
    return db.session.scalar(query) if kind == "step" else None


def title(found: Interaction | Task) -> str:
    """Return what was to be done."""
    return found.title if isinstance(found, Task) else found.next_step


def complete(found: Interaction | Task, user: User) -> None:
    """Tick it off."""
    if isinstance(found, Task):
        tracking.complete(found, user)
    else:
        interactions.complete(found, user)
