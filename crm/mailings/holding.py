"""Letters to whoever wrote or scheduled what is held: nobody waits for a mailing that does not go."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.models import AuditEntry
from crm.base.public_pages import public_url
from crm.delivery import letters, merge_fields
from crm.delivery.addresses import BadAddress
from crm.extensions import db
from crm.mailings.digests.models import DigestIssue
from crm.mailings.models import Mailing
from crm.mailings.sequences.models import Sequence

LETS_GO = ("schedule", "resume", "start")
BEGINS = ("add",)


def tell_of_mailing(mailing_id: int, problem: str) -> None:
    """Tell author and scheduler of a mailing why it is held, once for each version."""
    mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
    people = {mailing.created_by, _last("mailing", mailing_id, LETS_GO)}
    name = merge_fields.plain(mailing.subject) or "(no subject)"
    _tell("mailing", f"{mailing_id}:{mailing.version}", people, name, problem, f"/staff/mailings/{mailing_id}")


def tell_of_sequence(sequence_id: int, problem: str) -> None:
    """Tell whoever began and started a sequence why it is paused, once for each version."""
    sequence = db.session.get_one(Sequence, sequence_id, populate_existing=True)
    people = {_last("sequence", sequence_id, verbs) for verbs in (BEGINS, LETS_GO)}
    _tell(
        "sequence",
        f"{sequence_id}:{sequence.version}",
        people,
        sequence.name,
        problem,
        f"/staff/sequences/{sequence_id}",
    )


def tell_of_issue(issue: DigestIssue) -> None:
    """Tell whoever began and started a digest why an issue of it is held, once."""
    digest = issue.digest
    people = {digest.starter.email if digest.starter else "", _last("digest", digest.id, BEGINS)}
    _tell("digest", str(issue.id), people, digest.name, issue.problem, f"/staff/digests/{digest.id}")


def _last(thing: str, thing_id: int, verbs: Iterable[str]) -> str:
    query = select(AuditEntry.actor).where(AuditEntry.thing == thing, AuditEntry.thing_id == thing_id)
    return db.session.scalar(query.where(AuditEntry.verb.in_(verbs)).order_by(AuditEntry.id.desc()).limit(1)) or ""


def _tell(what: str, occasion: str, people: set[str], name: str, problem: str, path: str) -> None:
    users = select(User).where(User.email.in_(people), User.active).order_by(User.id)
    for user in db.session.scalars(users).all():
        if not user.may("mailings.see"):
            continue
        # Where our own sender address is what is wrong, no letter can leave: the pages say why it is held.
        with suppress(BadAddress):
            letters.send(
                "mailing_held",
                user.email,
                locale="en",
                occasion=f"held:{what}:{occasion}",
                merge={"name": name, "problem": problem, "url": public_url(path)},
                shape={"what": what},
            )
