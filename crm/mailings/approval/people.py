"""Who may approve a mailing: whoever may send mailings, and neither began it nor changed it since it was approved."""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.models import AuditEntry
from crm.base.registries import Registry
from crm.extensions import db
from crm.mailings.approval.models import MailingApproval
from crm.mailings.composer.models import MailingRevision
from crm.mailings.models import Mailing

SEND = "mailings.send"
# What the audit trail tells of a mailing that changes its words, its looks or who gets it. All else is no editing.
EDITS = frozenset(
    {"create", "save", "restore", "dress", "add_version", "remove_version", "compare", "exempt", "unexempt"}
)
writers: Registry[Callable[[Mailing], Collection[str]]] = Registry()
"""Who wrote the words of a mailing before there was one: functions that return addresses of users."""


def editors(mailing: Mailing) -> set[str]:
    """Return the addresses of its author, and of all who changed it since it was approved last."""
    approved = select(MailingApproval.at).where(
        MailingApproval.mailing_id == mailing.id, MailingApproval.event == "approved"
    )
    since = db.session.scalar(approved.order_by(MailingApproval.id.desc()).limit(1))
    changed = select(AuditEntry.actor).where(AuditEntry.thing == "mailing", AuditEntry.thing_id == mailing.id)
    changed = changed.where(AuditEntry.verb.in_(EDITS))
    # What saves itself while somebody writes stands in the history of the text alone.
    wrote = select(MailingRevision.who).where(MailingRevision.mailing_id == mailing.id)
    if since is not None:
        changed, wrote = changed.where(AuditEntry.at > since), wrote.where(MailingRevision.at > since)
    before = {address for found in writers for address in found(mailing)}
    edited = {*db.session.scalars(changed.distinct()), *db.session.scalars(wrote.distinct())}
    return {mailing.created_by} | before | edited


def may_approve(user: User, mailing: Mailing) -> bool:
    """Tell whether this user may approve the mailing as it is now."""
    return user.may(SEND) and user.email not in editors(mailing)


def approvers(mailing: Mailing) -> Sequence[User]:
    """Return all who may approve the mailing as it is now, by name."""
    own = editors(mailing)
    return [user for user in senders() if user.email not in own]


def senders() -> Sequence[User]:
    """Return all who may send mailings, by name."""
    users = db.session.scalars(select(User).where(User.active).order_by(User.name, User.id))
    return [user for user in users if user.may(SEND)]
