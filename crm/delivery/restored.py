"""What becomes of mail that was on its way or waited when a backup was made, once that backup is restored.

Nobody can know what left after it, so nothing leaves again by itself: bulk mail is paused, each letter is uncertain
and held. Staff say what is sent.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update

from crm.delivery import backoff
from crm.delivery.models import WAITING, Delivery, Message
from crm.extensions import db

WAITED = "It waited when the backup was made that was restored; it may have been sent since."
ON_ITS_WAY = "It was on its way when the backup was made that was restored."
PAUSED = "It was restored from a backup of {moment}, and may have gone out since: those copies would go twice."
IN_BULK = Delivery.message_id.in_(select(Message.id).where(Message.kind == "bulk"))
GOES_ON = Delivery.resends < backoff.MOST_RESENDS  # An uncertain copy of these is sent again by itself.
IS_HELD = {"state": "uncertain", "owner": None, "lease_until": None}


def hold_letters(_made_at: datetime) -> int:
    """Hold what is not bulk mail and was not sent: confirmations, receipts, alerts; return their number.

    Their messages serve new letters too, so the copies are held one by one: staff find them under Uncertain.
    """
    held = IS_HELD | {"resends": backoff.MOST_RESENDS}
    letters = update(Delivery).where(~IN_BULK)
    return (
        _count(letters.where(Delivery.state == "uncertain", GOES_ON).values(held))
        + _count(letters.where(Delivery.state == "in_flight").values({**held, "smtp_reply": ON_ITS_WAY}))
        + _count(letters.where(Delivery.state.in_(WAITING)).values({**held, "smtp_reply": WAITED}))
    )


def doubt_bulk(_made_at: datetime) -> int:
    """Make the copies of bulk mail uncertain that were on their way; return their number."""
    on_their_way = update(Delivery).where(IN_BULK, Delivery.state == "in_flight")
    return _count(on_their_way.values({**IS_HELD, "smtp_reply": ON_ITS_WAY}))


def pause_bulk(made_at: datetime) -> int:
    """Pause each bulk message with copies that would be sent by themselves; return their number."""
    again = and_(Message.on_uncertain == "resend", Delivery.state == "uncertain", GOES_ON)
    left = select(Delivery.id).where(Delivery.message_id == Message.id, or_(Delivery.state.in_(WAITING), again))
    opened = update(Message).where(Message.kind == "bulk", Message.state == "open", left.exists())
    reason = PAUSED.format(moment=f"{made_at:%Y-%m-%d %H:%M} UTC")
    return _count(opened.values(state="paused", pause_reason=reason))


def _count(statement: Any) -> int:
    held: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(held.rowcount)
