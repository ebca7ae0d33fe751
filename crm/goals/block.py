"""The goal as a block of mailings and pages: told with the number of the moment."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_date, format_decimal, gettext

from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.extensions import db
from crm.goals import progress
from crm.goals.models import Goal

NEXT = "next"
"""The choice that always means the goal which matters that day."""


def kind() -> BlockKind:
    """Return the kind of block that shows how far a goal is."""
    return BlockKind("Goal", [BlockField("goal", "Which", "choice", choices)], 80, say)


def choices() -> list[tuple[str, str]]:
    """Return the goals that may be shown to the public, the one that ends next first."""
    shown = [(str(goal.id), goal.title) for goal in progress.everything() if goal.public]
    return [(NEXT, "The goal that ends next"), *shown] if shown else []


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return the bar of the goal: its title, how many there are of how many, and until when; nothing if it is gone.

    `lang` is the language of the title, where that is another one.
    """
    goal = _chosen(str(values.get("goal", "")))
    if goal is None or not goal.public:
        return []
    done = progress.counted(goal)
    told = {"done": format_decimal(done), "target": format_decimal(goal.target)}
    told["date"] = format_date(goal.deadline, "long")
    words = gettext("%(done)s of %(target)s, to be reached by %(date)s", **told)
    title = goal.said(language)
    lang = "" if title.language == language else title.language
    return [{"kind": "bar", "label": title.text, "lang": lang, "done": done, "target": goal.target, "text": words}]


def _chosen(choice: str) -> Goal | None:
    if choice == NEXT:
        return progress.current(public_only=True)
    return db.session.get(Goal, row_number(choice))
