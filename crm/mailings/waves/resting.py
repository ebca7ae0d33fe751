"""Hours of the day: outside of them, what was not sent yet of a mailing waits, however slow the mail server was."""

from sqlalchemy import Select, select, update

from crm.base import clock, database
from crm.delivery import outbox
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings.models import Mailing, MailingMessage
from crm.mailings.waves import keeping, planning
from crm.mailings.waves.models import MailingTiming


def rest_and_wake() -> None:
    """Hold back what is outside of its hours, and let go on what is inside again; for the ticker. Commits.

    Mailings by everybody's own time have no hours in common: of these the waves alone are planned within them.
    """
    with database.looking():
        changed = [(mailing.id, opened) for mailing in _with_hours() if (opened := _turn(mailing)) is not None]
    for mailing_id, opened in changed:
        _let(mailing_id, go=opened)
        db.session.commit()


def rest_if_closed(mailing: Mailing) -> None:
    """Hold back at once what was let go on outside of its hours."""
    row = db.session.get(MailingTiming, mailing.id)
    if row and not row.own_time and not planning.is_open(clock.now(), mailing.zone, keeping.timing(mailing)):
        _let(mailing.id, go=False)


def _with_hours() -> list[Mailing]:
    timed = select(Mailing).join(MailingTiming, MailingTiming.mailing_id == Mailing.id)
    hours = (MailingTiming.opens.is_not(None), MailingTiming.own_time.is_(False))
    return list(db.session.scalars(timed.where(Mailing.state == "sending", *hours)))


def _turn(mailing: Mailing) -> bool | None:
    """Return whether it is to go on or to rest now; None where it does so already."""
    row = db.session.get_one(MailingTiming, mailing.id)
    opened = planning.is_open(clock.now(), mailing.zone, keeping.timing(mailing))
    if opened:
        return True if row.resting else None
    return False if _going(mailing.id) else None


def _let(mailing_id: int, *, go: bool) -> None:
    # Somebody may have paused it meanwhile.
    mine = update(Mailing).where(Mailing.id == mailing_id, Mailing.state == "sending").values(state="sending")
    if not db.session.execute(mine.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        return
    db.session.get_one(MailingTiming, mailing_id).resting = not go
    for message_id, reason in db.session.execute(_messages(mailing_id)).all():
        if go and not reason:  # One that paused itself, because it was refused, waits for somebody's word.
            outbox.resume(message_id)
        elif not go:
            outbox.pause(message_id)


def _going(mailing_id: int) -> bool:
    return db.session.scalar(_messages(mailing_id).where(Message.state == "open").limit(1)) is not None


def _messages(mailing_id: int) -> Select[int, str]:
    query = select(Message.id, Message.pause_reason).join(MailingMessage, MailingMessage.message_id == Message.id)
    return query.where(MailingMessage.mailing_id == mailing_id)
