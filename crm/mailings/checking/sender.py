"""What the DNS says of the sender's domain (SPF, DKIM, DMARC), asked in the background and kept."""

from datetime import datetime

from sqlalchemy import delete, select

from crm.base import clock, database
from crm.base.sender_checks import sender_checks
from crm.extensions import db
from crm.mailings import identity
from crm.mailings.checking.check import Check, advice, good
from crm.mailings.checking.models import SenderCheck

PLACE = "doctor"


def look_again(fresh_from: datetime) -> None:
    """Ask anew, unless that was done since. Ends the caller's transaction; adds rows to a new one."""
    with database.looking():
        sender = identity.current().sender_email
        query = select(SenderCheck.name).where(SenderCheck.sender == sender, SenderCheck.checked_at >= fresh_from)
        if db.session.scalar(query.limit(1)) is not None:
            return
    found = [row for ask in sender_checks for row in ask()]  # No transaction is open meanwhile.
    if not found:
        return
    db.session.execute(delete(SenderCheck))
    for row in found:
        values = {"name": row.name, "state": row.state, "found": row.found, "mend": row.mend}
        db.session.add(SenderCheck(sender=sender, checked_at=clock.now(), **values))


def look() -> list[Check]:
    """Return what is known of the present sender."""
    sender = identity.current().sender_email
    rows = db.session.scalars(select(SenderCheck).where(SenderCheck.sender == sender).order_by(SenderCheck.name)).all()
    if not rows:
        return [advice("The sender’s domain was not looked at yet.", "#links-title")]
    return [
        good(f"{row.name}: {row.found}") if row.state == "ok" else advice(f"{row.name}: {row.found} {row.mend}", PLACE)
        for row in rows
    ]
