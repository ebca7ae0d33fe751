"""What the dashboard shows: the goal, whom to talk to today, and what goes out next."""

from typing import Any

from flask import render_template
from flask_babel import format_date
from flask_login import current_user
from markupsafe import Markup

from crm.base.registries import metrics, panels
from crm.goals import progress
from crm.goals.models import Goal
from crm.site import checklist, mail_waits, providers


def values() -> dict[str, Any]:
    """Return what the template of the dashboard needs."""
    goal = progress.current()
    drawn = chart(goal) if goal else None
    return {
        "goal": goal,
        "progress": progress.of(goal, drawn["total"]) if goal and drawn else None,
        "metric": metrics[goal.metric].label if goal else "",
        "chart": drawn,
        "steps": [step for step in checklist.steps() if current_user.may(step.permission)],
        "waits": mail_waits.look(),
        "rates": providers.rates(),
        "recent_from": providers.first_day().isoformat(),
        "today": _panels("today"),
        "next": _panels("next"),
    }


def chart(goal: Goal) -> dict[str, Any]:
    """Return the sign-ups by week and source, as the chart macro wants them."""
    split = progress.by_week(goal)
    labels = [format_date(week, "MMM d") for week in split.weeks]
    series = [{"label": source, "values": counts} for source, counts in split.counts.items()]
    return {"labels": labels, "series": series, "total": split.total}


def _panels(column: str) -> list[Markup]:
    chosen = sorted((panel for panel in panels if panel.column == column), key=lambda panel: panel.order)
    # The templates are our own files, and escape what they print.
    return [Markup(render_template(panel.template, **panel.values())) for panel in chosen]  # noqa: S704
