"""From a mailing that is due to a message with one delivery for each recipient; it may be killed and run again."""

from sqlalchemy import update

from crm.base import audit, clock, database
from crm.delivery import merge_fields, outbox
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import audience, checks, identity, links, owners, rendering
from crm.mailings.models import Mailing


def release(mailing_id: int) -> bool:
    """Claim a due mailing, write its message, and commit; return whether it was ours to release.

    One that cannot go as it is now (nobody left, a segment deleted) is paused with the reason.
    """
    problem = _problem(mailing_id)
    state = "paused" if problem else "sending"
    claim = update(Mailing).where(Mailing.id == mailing_id, Mailing.state == "scheduled")
    claim = claim.where(Mailing.scheduled_at <= clock.now()).values(
        state=state, problem=problem, released_at=clock.now()
    )
    claimed: int = db.session.execute(claim.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    if claimed and not problem:
        _write(db.session.get_one(Mailing, mailing_id, populate_existing=True))
    if claimed:
        audit.record("hold" if problem else "release", "mailing", mailing_id, reason=problem)
    db.session.commit()
    return bool(claimed)


def freeze(mailing_id: int) -> int:
    """Queue a copy for everyone in the audience, tell owners of influencers, commit; return the new copies.

    Where it was canceled meanwhile, or frozen by another, nobody is told.
    """
    mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
    message = db.session.get_one(Message, mailing.message_id)
    names = merge_fields.names(message.subject + message.html + message.text)
    number = outbox.queue_audience(message, audience.select_copies(mailing, names))
    whole = update(Mailing).where(
        Mailing.id == mailing_id, Mailing.frozen_at.is_(None), Mailing.state.in_(["sending", "paused"])
    )
    whole = whole.values(frozen_at=clock.now()).execution_options(synchronize_session=False)
    frozen = db.session.execute(whole)
    if frozen.rowcount:  # type: ignore[attr-defined]
        owners.tell(mailing)
    db.session.commit()
    return number


def _problem(mailing_id: int) -> str:
    # The checks look at the whole audience, so they run before the transaction that writes.
    with database.reading():
        try:
            checks.require(db.session.get_one(Mailing, mailing_id, populate_existing=True))
        except checks.NotReady as not_ready:
            return " ".join(not_ready.faults)
        finally:
            db.session.rollback()
    return ""


def _write(mailing: Mailing) -> None:
    who = identity.current()
    rewrite = links.Rewriter(mailing) if mailing.count_clicks else str
    mail = rendering.render(mailing, who, rewrite=rewrite)
    message = outbox.write(
        mail.subject,
        mail.html,
        mail.text,
        sender=identity.sender(who),
        kind="bulk",
        list_id=mailing.topic.slug,
        on_uncertain=mailing.on_uncertain,
    )
    mailing.message_id = message.id
