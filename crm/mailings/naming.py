"""What mailings are called where one is chosen."""

from datetime import datetime

from crm.organizations import coalition


def told(subject: str, released_at: datetime | None) -> str:
    """Return the subject, and the coalition's day on which the mailing was released, if it was."""
    day = f", {coalition.day_of(released_at)}" if released_at else ""
    return f"{subject or '(no subject)'}{day}"
