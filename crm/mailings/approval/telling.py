"""Letters about approval: to those who may approve, and back to those who asked."""

from crm.accounts.models import User
from crm.base.public_pages import public_url
from crm.delivery import letters, merge_fields
from crm.mailings.approval.models import MailingApproval
from crm.mailings.models import KINDS, Mailing


def ask(mailing: Mailing, asked: MailingApproval, approver: User) -> None:
    """Ask one who may approve it to look at the mailing."""
    merge = {"note": asked.note, "recipients": f"{asked.recipients:,}", "kind": KINDS[mailing.kind].lower()}
    shape = {"has_note": int(bool(asked.note))}
    _send("approval_asked", approver.email, mailing, asked, merge, shape)


def answer(mailing: Mailing, asked: MailingApproval, answered: MailingApproval) -> None:
    """Tell the author, and whoever asked, what became of it."""
    shape = {"approved": int(answered.event != "returned"), "has_note": int(bool(answered.note))}
    addresses = {asked.user.email} if asked.user else set()
    if "@" in mailing.created_by:
        addresses.add(mailing.created_by)
    for address in sorted(addresses - {answered.user.email if answered.user else ""}):
        _send("approval_answered", address, mailing, answered, {"note": answered.note}, shape)


def _send(
    name: str, address: str, mailing: Mailing, line: MailingApproval, merge: dict[str, str], shape: dict[str, int]
) -> None:
    letters.send(
        name,
        address,
        locale="en",
        occasion=f"approval:{line.id}",
        merge=merge
        | {
            "who": line.who,
            "subject": merge_fields.plain(mailing.subject) or "(no subject)",
            "review_url": public_url(f"/staff/mailings/{mailing.id}/review"),
        },
        shape=shape,
    )
