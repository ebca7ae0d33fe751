"""What goals tell the other rooms."""

from crm.base.block_kinds import blocks
from crm.base.calendars import Source, calendar_entries
from crm.base.registries import Metric, metrics
from crm.goals import block, deadlines, sign_ups


def register() -> None:
    """Let goals count confirmed sign-ups, enter their deadlines, and be shown in mailings."""
    metrics.add("confirmed_sign_ups", Metric("Confirmed sign-ups", sign_ups.count, sign_ups.by_day))
    calendar_entries.add("goals", Source("Goal deadlines", "goals.see", 60, deadlines.find))
    blocks.add("goal", block.kind())
