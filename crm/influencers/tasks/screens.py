"""What the sections and pages of tasks are made of."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_login import current_user

from crm.accounts.destinations import own_page
from crm.base.forms import row_number
from crm.influencers.models import Ask, Influencer
from crm.influencers.tasks import tracking
from crm.influencers.tasks.forms import ShortTaskForm
from crm.influencers.tasks.models import Task


def section(influencer: Influencer, ask: Ask | None = None) -> dict[str, Any]:
    """Return what the section on the page of an influencer, or of an ask, needs; one query."""
    rows = tracking.of_ask(ask, current_user) if ask else tracking.of(influencer, current_user)
    home = url_for("asks_staff.show", ask_id=ask.id) if ask else _profile(influencer.id)
    # Those whom the page shows anyway.
    people = [ask.owner] if ask else [influencer.owner, influencer.backup_owner]
    return {
        "influencer": influencer,
        "ask": ask,
        "open": [one for one in rows if one.done_at is None],
        "done": [one for one in rows if one.done_at is not None],
        "titles": {one.id: one.title for one in rows if one.done_at is None},
        "form": ShortTaskForm(influencer, people),
        "back": f"{home}#tasks",
    }


def way_back(task: Task) -> str:
    """Return the page where whoever acts came from, or that of the influencer."""
    return back_to(task.influencer_id, request.form.get("back") or request.args.get("back"))


def back_to(influencer_id: int, wish: str | None) -> str:
    """Return the wish where it is a page of ours, or the page of the influencer."""
    return own_page(wish) if wish else f"{_profile(influencer_id)}#tasks"


def shown() -> dict[int, int] | None:
    """Return the versions, by id, of the tasks that the page of moves listed; None where it was not shown yet."""
    return _versions(request.form.getlist("shown")) if "shown" in request.form else None


def ticked(listed: dict[int, int]) -> dict[int, int]:
    """Return those of the listed ones that are to be moved."""
    chosen = set(request.form.getlist("move"))
    return {number: version for number, version in listed.items() if str(number) in chosen}


def _versions(pairs: Sequence[str]) -> dict[int, int]:
    split = [pair.partition(":") for pair in pairs]
    return {row_number(task): row_number(version) for task, _, version in split}


def _profile(influencer_id: int) -> str:
    return url_for("influencers_staff.show", influencer_id=influencer_id)
