"""Digests at work, for the ticker: what is due is made a mailing, once, and goes the way of every mailing.

The issue is written in the same transaction as the mailing, under a unique key. So whatever is killed, restarted or
done twice, there is one for each time that it was due. Whether it may go is decided afterwards, again and again until
it has gone or somebody has to look at it: it may wait for approval.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from crm.base import changes, clock, database, wall_clock
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings import audience, checks, composing, holding, scheduling
from crm.mailings.approval import approving, gate
from crm.mailings.choosing.wanted import Wanted
from crm.mailings.digests import gathering, moments
from crm.mailings.digests.models import HELD, MADE, SCHEDULED, SKIPPED, Digest, DigestIssue
from crm.mailings.models import Mailing, MailingText

log = logging.getLogger(__name__)

OVERDUE = f"{scheduling.MISSED} Schedule it, or delete it."
GONE = "Its draft was deleted."
RETURNED = "It was not approved. Change it, and schedule it on its review page."
NOBODY = "It needs approval, and whoever started the digest is no user any more. Ask for it on its review page."


def work() -> None:
    """Make what is due, and let go what may go. Commits after each."""
    with database.looking():
        live = list(db.session.scalars(select(Digest.id).where(Digest.state == "live").order_by(Digest.id)))
    for digest_id in live:
        _on_its_own(make, digest_id)
    with database.looking():
        made = list(
            db.session.scalars(select(DigestIssue.id).where(DigestIssue.state == MADE).order_by(DigestIssue.id))
        )
    for issue_id in made:
        _on_its_own(let_go, issue_id)


def make(digest_id: int) -> None:
    """Make the issue that is due, if there is none yet: a mailing, or nothing where nothing is new. Commits."""
    now = clock.now()
    with database.looking():
        digest = db.session.get_one(Digest, digest_id, populate_existing=True)
        version, due_at, since = digest.version, moments.latest(digest, now), before(digest, now)
        if since is None:
            return
        found = [(code, gathering.new_between(since, due_at, code)) for code in gathering.languages(digest)]
        said = [gathering.text(digest, code, news) for code, news in found]
    digest = db.session.get_one(Digest, digest_id)
    changes.lock(digest)
    if digest.state != "live" or digest.version != version:
        db.session.rollback()
        return
    items = max((sum(len(items) for _, items in news) for _, news in found), default=0)
    late = now - due_at > scheduling.TOO_LATE
    state = SKIPPED if not items else HELD if late else MADE
    row = {"digest_id": digest_id, "due_at": due_at, "since": since, "items": items, "state": state}
    statement = insert_into(DigestIssue).values(**row, problem=OVERDUE if state == HELD else "")
    issue_id = db.session.scalar(statement.on_conflict_do_nothing().returning(DigestIssue.id))
    if issue_id is not None and items:
        issue = db.session.get_one(DigestIssue, issue_id)
        issue.mailing_id = _mailing(digest, said).id
        if state == HELD:
            _hold(issue, OVERDUE)
    db.session.commit()


def before(digest: Digest, now: datetime) -> datetime | None:
    """Return since when what is due now tells what is new; None where nothing is due, or it is made already."""
    due_at = moments.latest(digest, now)
    if digest.state != "live" or digest.due_from is None or due_at <= digest.due_from:
        return None
    since = told_since(digest, due_at)
    return since if since < due_at else None


def told_since(digest: Digest, due_at: datetime) -> datetime:
    """Return since when the issue that is due then tells what is new: the last issue, or else the time before.

    Of one that is live, that is the time before it was started: its day may have been changed since.
    """
    last = db.session.scalar(select(func.max(DigestIssue.due_at)).where(DigestIssue.digest_id == digest.id))
    begun = digest.live_since if digest.state == "live" else None
    return last or moments.latest(digest, min(begun or due_at, due_at) - timedelta(minutes=1))


def let_go(issue_id: int) -> None:
    """Schedule the mailing of an issue, ask for the approval that it needs, or hold it for somebody. Commits."""
    with database.looking():
        mailing = db.session.get_one(DigestIssue, issue_id).mailing
        draft = mailing if mailing is not None and mailing.state == "draft" else None
        recipients = audience.reach(draft).recipients if draft else 0
        waits = draft is not None and gate.needs_approval(draft, recipients)
        last = approving.standing(draft).last if draft else None
        event = last.event if last else ""
    issue = db.session.get_one(DigestIssue, issue_id)
    mailing = issue.mailing
    if mailing is None or mailing.state != "draft":
        if mailing:
            issue.state, issue.problem = SCHEDULED, ""
        else:
            _hold(issue, GONE)
    elif waits and event == "returned":
        _hold(issue, RETURNED)
    elif waits and not event:
        _ask(issue, mailing, recipients)
    elif not waits:
        _schedule(issue_id, mailing)
    db.session.commit()


def _ask(issue: DigestIssue, mailing: Mailing, recipients: int) -> None:
    starter = issue.digest.starter
    if starter is None:
        _hold(issue, NOBODY)
        return
    try:
        approving.ask(mailing, starter, f"Digest: {issue.digest.name}", mailing.version, recipients)
    except approving.Refused as refused:
        _hold(issue, str(refused))


def _schedule(issue_id: int, mailing: Mailing) -> None:
    """Let the mailing go now, with all its checks, and say so in the same transaction."""
    problem = ""
    try:
        scheduling.schedule(mailing, wall_clock.at(clock.now(), mailing.zone))
    except (checks.NotReady, wall_clock.BadTime, scheduling.OutOfStep, audience.AudienceGone) as error:
        db.session.rollback()
        problem = str(error)
    issue = db.session.get_one(DigestIssue, issue_id)
    if problem:
        _hold(issue, problem)
    else:
        issue.state, issue.problem = SCHEDULED, ""


def _hold(issue: DigestIssue, problem: str) -> None:
    """Let an issue wait for somebody's word, and tell whoever started the digest."""
    issue.state, issue.problem = HELD, problem
    holding.tell_of_issue(issue)


def as_mailing(digest: Digest) -> Mailing:
    """Return an issue as a mailing that is not kept: of its kind, and to whom it goes."""
    return Mailing(topic=digest.topic, **_values(digest))


def _values(digest: Digest) -> dict[str, Any]:
    it = Wanted(segments=[digest.segment_id] if digest.segment_id else [])
    return {"kind": "newsletter", "topic_id": digest.topic_id, "audience": it.kept()}


def _mailing(digest: Digest, said: list[dict[str, Any]]) -> Mailing:
    by = digest.starter.email if digest.starter else ""
    mailing = composing.create(_values(digest) | said[0], by=by)
    mailing.zone = digest.zone
    mailing.texts = [MailingText(**{"body": "", **text}) for text in said[1:]]
    db.session.flush()
    return mailing


def _on_its_own(act: Callable[[int], None], number: int) -> None:
    # One digest that cannot be made must not hold up the others, whatever is wrong with it.
    try:
        act(number)
    except DBAPIError:
        db.session.rollback()
        log.exception("digest or issue %d waits for the database; the next tick tries again", number)
    except Exception:
        db.session.rollback()
        log.exception("digest or issue %d is left for the next tick", number)
