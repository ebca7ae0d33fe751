"""What was to go, or was going, when the backup was made that is restored: it waits for somebody's word."""

from datetime import datetime

from sqlalchemy import update

from crm.extensions import db
from crm.mailings.models import Mailing

MAY_HAVE_GONE = "It was restored from a backup of {moment}, and may have gone out since. Send it now, or cancel it."
MAY_GO_ON = (
    "It was being sent, or was paused, when the backup of {moment} was made. More people may have got it since. "
    "Resume it to send what was not sent then, or cancel it."
)


def hold(made_at: datetime) -> int:
    """Hold what was to go or was going when the backup was made that is restored; return how many."""
    moment = f"{made_at:%Y-%m-%d %H:%M} UTC"
    begun = _hold_all({"sending", "paused"}, MAY_GO_ON.format(moment=moment))
    return begun + _hold_all({"scheduled"}, MAY_HAVE_GONE.format(moment=moment))


def _hold_all(states: set[str], problem: str) -> int:
    statement = update(Mailing).where(Mailing.state.in_(states)).values(state="paused", problem=problem)
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
