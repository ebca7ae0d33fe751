"""When a mailing goes, and stopping it: schedule, take back, pause, resume, cancel, finish.

Each change claims the row by its old state, so that of two people (or of a person and the ticker) one wins.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.exc import DBAPIError

from crm.base import audit, clock, database, jobs
from crm.base.wall_clock import BadTime, Planned
from crm.delivery import outbox
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import audience, checks, holding, parts, releasing
from crm.mailings.approval import approving, gate
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing, MailingMessage
from crm.mailings.sequences import using
from crm.mailings.trials import sending as trials
from crm.mailings.waves import beginning, keeping, resting
from crm.mailings.waves.models import MailingWave
from crm.mailings.waves.planning import AT_ONCE, Timing

log = logging.getLogger(__name__)

# A mailing found this late, e.g. after the server was away, waits for somebody to say that it still makes sense.
TOO_LATE = timedelta(hours=6)
RELEASE, FREEZE = "release a mailing", "freeze a mailing"
UNFROZEN = (Mailing.state == "sending", Mailing.frozen_at.is_(None))
DECIDED = MailingWave.variant.is_not(None)
MISSED = "It was due over six hours ago, when nothing could be sent."
OVERDUE = f"{MISSED} Send it now, or cancel it."
UNKNOWN_FAULT = "It could not be released because of a fault in the program; its log tells more. Ask whoever runs it."
CHANGED = "Somebody changed this mailing since you looked at it. Look at it again before you send it."


class OutOfStep(Exception):
    """The mailing is in another state, or another version, than the person who acted thought; the message says so."""


def schedule(
    mailing: Mailing,
    planned: Planned,
    *,
    timing: Timing = AT_ONCE,
    version: int | None = None,
    typed: int | None = None,
    shown: int | None = None,
) -> None:
    """Let the mailing go at that moment, as its timing says.

    Raises BadTime, NotReady (also where it is not approved), OutOfStep.

    `typed` confirms the number of recipients that was `shown` (see gate.require). The checks count the audience, so
    they run in a transaction that only reads; the caller's ends before them.
    """
    now = clock.now()
    if planned.moment < now.replace(second=0, microsecond=0):
        raise BadTime(
            f"{planned.local.replace('T', ' ')} in {planned.zone} is in the past. Choose a later time, or now.", "at"
        )
    if part := parts.of_what(mailing.id):
        raise OutOfStep(f"{part}, and goes out with that.")
    if timing != AT_ONCE and pairing.of(mailing):
        raise BadTime("Two versions are compared among people who get them at the same time: let it go at once.")
    seen, recipients = _check(mailing, version, typed, shown)
    begins = planned.moment
    if timing != AT_ONCE:
        first = now + gate.grace() if timing.own_time else now
        begins = max(first, beginning.of(mailing, planned, timing, now.replace(second=0, microsecond=0)))
    checks.require_open(mailing, begins)
    moment = {"scheduled_at": begins, "zone": planned.zone, "local_time": planned.local}
    _move(mailing, {"draft", "scheduled"}, "scheduled", version=seen, problem="", **moment)
    keeping.keep(mailing, timing)
    gate.passed(mailing, recipients)
    audit.record("schedule", "mailing", mailing.id, at=begins.isoformat(), zone=planned.zone, timing=asdict(timing))
    jobs.defer(RELEASE, mailing.id, at=begins)


def take_back(mailing: Mailing) -> None:
    """Make a mailing a draft again that is scheduled, or was held before it began. Raises OutOfStep."""
    held = mailing.state == "paused" and not mailing.messages
    _move(mailing, {"scheduled", "paused"} if held else {"scheduled"}, "draft", problem="", released_at=None)
    audit.record("take_back", "mailing", mailing.id)


def pause(mailing: Mailing) -> None:
    """Hold back what was not sent yet; it bites within a second. Raises OutOfStep."""
    _move(mailing, {"sending"}, "paused")
    _each(mailing, outbox.pause)
    audit.record("pause", "mailing", mailing.id)


def resume(mailing: Mailing, *, audience_digest: str = "", typed: int | None = None, shown: int | None = None) -> None:
    """Go on where it was paused; one held before it began is checked as by `schedule`, and begins as if sent now.

    Where a segment was edited since it began, it goes on with the audience that was seen (audience_digest), approved
    and its number confirmed as by `schedule`. Raises NotReady, OutOfStep.
    """
    if mailing.messages:
        edited = gate.is_another(mailing)
        version, recipients = gate.look_again(mailing.id, audience_digest, typed, shown) if edited else (None, 0)
        _move(mailing, {"paused"}, "sending", version=version, problem="")
        if edited:
            gate.accept(mailing, audience_digest, recipients)
        keeping.catch_up(mailing)
        _each(mailing, outbox.resume)
        resting.rest_if_closed(mailing)
    else:
        seen, recipients = _check(mailing)
        at = clock.now() + gate.grace()
        checks.require_open(mailing, at)
        _move(mailing, {"paused"}, "scheduled", version=seen, problem="", scheduled_at=at)
        gate.passed(mailing, recipients)
        jobs.defer(RELEASE, mailing.id, at=at)
    audit.record("resume", "mailing", mailing.id)


def cancel(mailing: Mailing) -> None:
    """Stop it for good; what was sent stays sent. Raises OutOfStep."""
    _move(mailing, {"scheduled", "sending", "paused"}, "canceled", finished_at=clock.now())
    _each(mailing, outbox.cancel)
    audit.record("cancel", "mailing", mailing.id)


def send_uncertain_again(mailing: Mailing, message_id: int | None = None, delivery_id: int | None = None) -> int:
    """Send again the copies (of one message, or one) that may or may not have arrived; return how many."""
    if using.step_of(mailing.id):
        return _each(mailing, lambda one: outbox.resend_uncertain(one, delivery_id), message_id)
    if not mailing.messages or mailing.state not in {"sending", "finished"}:
        raise OutOfStep(f"This mailing is {mailing.state}; nothing of it can be sent again now.")
    number = _each(mailing, lambda one: outbox.resend_uncertain(one, delivery_id), message_id)
    if number:
        _move(mailing, {"sending", "finished"}, "sending", finished_at=None)
        audit.record("resend", "mailing", mailing.id, copies=number)
    return number


def count_uncertain_as_sent(mailing: Mailing, message_id: int | None = None, delivery_id: int | None = None) -> int:
    """Take the copies (of one message, or one) that may or may not have arrived for sent; return how many."""
    number = _each(mailing, lambda one: outbox.accept_uncertain(one, delivery_id), message_id)
    if number:
        audit.record("accept", "mailing", mailing.id, copies=number)
    return number


def release_due() -> None:
    """Release what is due and freeze what was begun; for the ticker. Commits after each mailing."""
    now = clock.now()
    due = _ids(Mailing.state == "scheduled", Mailing.scheduled_at <= now, Mailing.scheduled_at > now - TOO_LATE)
    for mailing_id in due:
        _on_its_own(releasing.release, mailing_id)
    late = _ids(Mailing.state == "scheduled", Mailing.scheduled_at <= now - TOO_LATE)
    if late := late + _ids(*UNFROZEN, keeping.has_wave(MailingWave.due_at <= now - TOO_LATE, DECIDED)):
        _hold_late(late)
    for mailing_id in _ids(
        *UNFROZEN, keeping.has_wave(MailingWave.due_at <= clock.now(), DECIDED) | ~keeping.has_wave()
    ):
        if jobs.hand_over(FREEZE, mailing_id):
            db.session.commit()
        else:
            _on_its_own(releasing.freeze, mailing_id)


def release_one(mailing_id: int) -> None:
    """Release and freeze one mailing, if it is due; a job. Commits."""
    now = clock.now()
    window = (Mailing.scheduled_at <= now, Mailing.scheduled_at > now - TOO_LATE)
    if _ids(Mailing.id == mailing_id, Mailing.state == "scheduled", *window):
        _on_its_own(releasing.release, mailing_id)
    freeze_one(mailing_id)


def freeze_one(mailing_id: int) -> None:
    """Freeze one mailing, if it was released and is not frozen; a job. Commits."""
    if _ids(Mailing.id == mailing_id, *UNFROZEN):
        _on_its_own(releasing.freeze, mailing_id)


def _on_its_own(step: Callable[[int], object], mailing_id: int) -> None:
    # One mailing that cannot be released must not hold up the others, whatever is wrong with it.
    try:
        step(mailing_id)
    except DBAPIError:
        db.session.rollback()
        log.exception("mailing %d waits for the database; the next tick tries again", mailing_id)
    except Exception as error:
        db.session.rollback()
        log.exception("mailing %d is held", mailing_id)
        problem = str(error) if isinstance(error, audience.AudienceGone) else UNKNOWN_FAULT
        _hold(mailing_id, {"scheduled", "sending"}, problem)
        db.session.commit()


def finish() -> None:
    """Mark as finished what was sent completely; for the ticker."""
    for mailing_id in _ids(Mailing.state == "sending", Mailing.frozen_at.is_not(None)):
        with database.looking():
            version = db.session.scalar(select(Mailing.version).where(Mailing.id == mailing_id))
            done = all(outbox.finished(message_id) for message_id in db.session.scalars(_messages_of(mailing_id)))
        if done:
            # Whoever sends held copies again meanwhile has raised the version.
            _claim(mailing_id, {"sending"}, Mailing.version == version, state="finished", finished_at=clock.now())
            db.session.commit()


def hold_refused() -> None:
    """Show as paused, with the reason, what paused itself because mail servers refused it; for the ticker."""
    with database.looking():
        query = select(Mailing.id, Message.pause_reason).join(Mailing.messages)
        query = query.join(Message, Message.id == MailingMessage.message_id)
        query = query.where(Mailing.state.in_(["sending", "paused"]), Mailing.problem == "")
        refused = db.session.execute(query.where(Message.state == "paused", Message.pause_reason != "")).all()
    for mailing_id, reason in refused:
        _hold(mailing_id, {"sending", "paused"}, reason)
    db.session.commit()


def _hold_late(ids: list[int]) -> None:
    for mailing_id in ids:
        _hold(mailing_id, {"scheduled", "sending"}, OVERDUE)
    db.session.commit()


def _hold(mailing_id: int, states: set[str], problem: str) -> None:
    """Let a mailing, with all its messages, wait for somebody's word."""
    if _claim(mailing_id, states, state="paused", problem=problem):
        for message_id in db.session.scalars(_messages_of(mailing_id)).all():
            outbox.pause(message_id)
        audit.record("hold", "mailing", mailing_id, reason=problem)
        holding.tell_of_mailing(mailing_id, problem)


def _each(mailing: Mailing, act: Callable[[int], int], only: int | None = None) -> int:
    """Do it with each of its messages, or with that one; return how much was done in all."""
    return sum(act(message_id) for message_id in mailing.message_ids if only in (None, message_id))


def _messages_of(mailing_id: int) -> Select[int]:
    return select(MailingMessage.message_id).where(MailingMessage.mailing_id == mailing_id)


def _ids(*conditions: Any) -> list[int]:
    # Polling only reads, and leaves the one write lock of SQLite to those who need it.
    with database.looking():
        query = select(Mailing.id).where(*conditions).order_by(Mailing.scheduled_at, Mailing.id)
        return list(db.session.scalars(query))


def _check(
    mailing: Mailing, version: int | None = None, typed: int | None = None, shown: int | None = None
) -> tuple[int, int]:
    """Check a mailing at that version, or as it is now; return the version, and the recipients (see gate.require).

    Raises NotReady, OutOfStep.
    """
    mailing_id = mailing.id
    with database.looking():
        found = db.session.get_one(Mailing, mailing_id, populate_existing=True)
        if version is not None and found.version != version:
            raise OutOfStep(CHANGED)
        checks.require(found)
        return found.version, gate.require(found, typed, shown)


def _move(mailing: Mailing, old: set[str], new: str, *, version: int | None = None, **values: Any) -> None:
    unchanged = [] if version is None else [Mailing.version == version]
    claimed = _claim(mailing.id, old, *unchanged, state=new, version=Mailing.version + 1, **values)
    db.session.refresh(mailing)
    if not claimed:
        words = f"That cannot be done now: this mailing is {mailing.state}." if mailing.state not in old else CHANGED
        raise OutOfStep(words)
    approving.follow(mailing)
    trials.follow(mailing)


def _claim(mailing_id: int, old: set[str], *conditions: Any, **values: Any) -> bool:
    statement = update(Mailing).where(Mailing.id == mailing_id, Mailing.state.in_(old), *conditions).values(**values)
    statement = statement.execution_options(synchronize_session=False)
    return db.session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
