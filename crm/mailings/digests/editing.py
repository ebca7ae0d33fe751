"""Writing a digest, and starting and pausing it."""

from typing import Any

from sqlalchemy import func, select, update

from crm.accounts.models import User
from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.base.models import AuditEntry
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings.approval.models import MailingApproval
from crm.mailings.digests import wording
from crm.mailings.digests.models import HELD, MADE, Digest, DigestIssue
from crm.mailings.models import Mailing

MAY_HAVE_COME = "It was made before the backup, and may have gone out since. Schedule it, or delete it."
MAY_HAVE_GONE = "It was live when the backup of {moment} was made. Start it to go on; some of it may come twice."


def save(digest: Digest, values: dict[str, Any], opened_on: int) -> None:
    """Save a digest, new or opened on that version; raises Refused, Collision.

    One that is live comes at its new day and hour from now on, never for a time that is over.
    """
    if digest.id:
        changes.claim(digest, "digest", opened_on)
    named = select(Digest.id).where(func.lower(Digest.name) == values["name"].lower(), Digest.id != digest.id)
    if db.session.scalar(named):
        raise Refused(f"There is a digest “{values['name']}” already. Choose another name.", "name")
    _check_words(_like(digest, values))
    digest.subjects, digest.intros = dict(digest.subjects or {}), dict(digest.intros or {})
    came = _comes(digest)
    changes.keep(digest, "digest", values)
    if digest.state == "live" and _comes(digest) != came:
        digest.due_from = clock.now()


def start(digest: Digest, user: User, opened_on: int) -> None:
    """Let it come from its next day on; raises Refused, Collision. What was new before it is told by the first."""
    changes.claim(digest, "digest", opened_on)
    if digest.state == "live":
        raise Refused("This digest is live already.", "")
    _check_words(digest)  # Again: others have come since it was saved, of whom less may be on record.
    digest.live_since = digest.due_from = clock.now()
    digest.starter_id, digest.problem = user.id, ""
    _turn(digest, "live", "start")


def pause(digest: Digest) -> None:
    """Make no more of it until it is started again; raises Refused."""
    changes.lock(digest)
    if digest.state != "live":
        raise Refused(f"This digest is {digest.state}.", "")
    _turn(digest, "paused", "pause")


def delete(digest: Digest) -> None:
    """Delete one that is not live; its mailings stay. Raises Refused."""
    changes.lock(digest)
    if digest.state == "live":
        raise Refused("Pause the digest first.", "")
    audit.record("delete", "digest", digest.id, name=[digest.name, None])
    db.session.delete(digest)


def writers(mailing: Mailing) -> list[str]:
    """Return whose words nobody has approved yet: who wrote the digest of this issue, or changed it since the last
    approved issue was made.
    """
    digest_id = db.session.scalar(select(DigestIssue.digest_id).where(DigestIssue.mailing_id == mailing.id))
    if digest_id is None:
        return []
    approved = select(MailingApproval.mailing_id).where(MailingApproval.event == "approved")
    issues = select(func.max(Mailing.created_at)).join(DigestIssue, DigestIssue.mailing_id == Mailing.id)
    since = db.session.scalar(issues.where(DigestIssue.digest_id == digest_id, Mailing.id.in_(approved)))
    wrote = select(AuditEntry.actor).where(AuditEntry.thing == "digest", AuditEntry.thing_id == digest_id)
    wrote = wrote.where(AuditEntry.verb.in_(("add", "edit")), AuditEntry.at <= mailing.created_at)
    return list(db.session.scalars((wrote if since is None else wrote.where(AuditEntry.at > since)).distinct()))


def hold_restored(made_at: Any) -> int:
    """Pause what was live when the backup was made that is restored, and hold what was made; return how many."""
    made = update(DigestIssue).where(DigestIssue.state == MADE).values(state=HELD, problem=MAY_HAVE_COME)
    db.session.execute(made.execution_options(synchronize_session=False))
    problem = MAY_HAVE_GONE.format(moment=f"{made_at:%Y-%m-%d %H:%M} UTC")
    statement = update(Digest).where(Digest.state == "live").values(state="paused", problem=problem)
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _like(digest: Digest, values: dict[str, Any]) -> Digest:
    """Return it as it will be with these values, not kept."""
    like = Digest(topic_id=digest.topic_id, segment_id=digest.segment_id)
    like.subjects, like.intros = dict(digest.subjects or {}), dict(digest.intros or {})
    for name, value in values.items():
        setattr(like, name, value)
    like.topic = db.session.get_one(Topic, like.topic_id)
    return like


def _check_words(digest: Digest) -> None:
    if fault := wording.fault(digest):
        place, words = fault
        raise Refused(words, place)


def _comes(digest: Digest) -> tuple[Any, ...]:
    return digest.rhythm, digest.weekday, digest.monthday, digest.minute, digest.zone


def _turn(digest: Digest, state: str, verb: str) -> None:
    digest.state = state
    digest.version += 1
    audit.record(verb, "digest", digest.id)
    db.session.flush()
