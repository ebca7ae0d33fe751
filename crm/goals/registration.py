"""What goals tell the rooms below."""

from crm.base.registries import Metric, metrics
from crm.goals import sign_ups


def register() -> None:
    """Let goals count confirmed sign-ups."""
    metrics.add("confirmed_sign_ups", Metric("Confirmed sign-ups", sign_ups.count, sign_ups.by_hour))
