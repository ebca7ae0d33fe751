"""What accounts hold after a restore."""

from crm.accounts import sessions
from crm.base.registries import Hold, holds


def register() -> None:
    """Enter that nobody stays logged in: a session may have been ended since the backup was made."""
    holds.add("sessions", Hold("sessions of staff that are ended", lambda _made_at: sessions.end_everybody()))
