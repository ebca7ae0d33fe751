"""What goals tell the rooms below."""

from crm.base.calendars import Source, calendar_entries
from crm.base.registries import Metric, metrics
from crm.goals import deadlines, sign_ups


def register() -> None:
    """Let goals count confirmed sign-ups, and enter their deadlines."""
    metrics.add("confirmed_sign_ups", Metric("Confirmed sign-ups", sign_ups.count, sign_ups.by_hour))
    calendar_entries.add("goals", Source("Goal deadlines", "goals.see", 60, deadlines.find))
