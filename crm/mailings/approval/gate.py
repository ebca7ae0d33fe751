"""What a mailing has to pass besides its checks before it may go, whoever asks and by whatever page."""

from datetime import timedelta

from flask import has_request_context
from flask_login import current_user

from crm.accounts.models import User
from crm.mailings import audience
from crm.mailings.approval import approving, people, rules
from crm.mailings.checks import NotReady
from crm.mailings.models import Mailing


class NotApproved(NotReady):
    """Somebody else has to approve it first."""


class Unconfirmed(NotReady):
    """The number of recipients was not typed, or it is another one now."""


def require(mailing: Mailing, typed: int | None = None, shown: int | None = None) -> int:
    """Return how many get the mailing, 0 where no rule asks; raises NotApproved, Unconfirmed.

    `typed` is the number that confirms it, where a person schedules it on a page; `shown` is what stood there then.
    """
    asked = rules.current()
    if asked.approval_over is None and (typed, shown) == (None, None):
        return 0
    recipients = audience.reach(mailing).recipients
    person = releaser()
    if person is not None and needs_approval(mailing, recipients) and not people.may_approve(person, mailing):
        raise NotApproved([_unapproved(recipients)])
    if shown is not None and rules.exceeds(recipients, asked.confirm_over):
        _confirm(recipients, typed, shown)
    return recipients


def require_still(mailing: Mailing) -> None:
    """Raise NotApproved for a mailing that is due, needs approval at its present size, and nobody's word lets it go."""
    if rules.current().approval_over is None:
        return
    recipients = audience.reach(mailing).recipients
    if needs_approval(mailing, recipients):
        raise NotApproved([_unapproved(recipients)])


def needs_approval(mailing: Mailing, recipients: int) -> bool:
    """Tell whether somebody has yet to approve the mailing as it is now."""
    return rules.exceeds(recipients, rules.current().approval_over) and not approving.standing(mailing).approved


def passed(mailing: Mailing, recipients: int) -> None:
    """Note whose word lets the mailing go, where rules ask for one and no approval holds already."""
    if rules.current().approval_over is None:
        return
    person = releaser()
    if person is None or people.may_approve(person, mailing):
        approving.note_release(mailing, person, recipients)


def releaser() -> User | None:
    """Return the person who acts on a page; None for the command line and jobs, which act as an admin."""
    if not has_request_context() or not current_user.is_authenticated:
        return None
    person: User = current_user._get_current_object()
    return person


def grace() -> timedelta:
    """Return for how long what goes "now" waits, so that whoever sends it from a page can still take it back."""
    return rules.grace() if releaser() else timedelta(0)


def _confirm(recipients: int, typed: int | None, shown: int) -> None:
    if typed == recipients:
        return
    if shown and recipients != shown:
        grown = "grown" if recipients > shown else "become smaller"
        words = f"The audience has {grown} from {shown:,} to {recipients:,} since you opened this page."
        raise Unconfirmed([f"{words} Type {recipients:,} if it shall go to them."])
    if not typed:
        raise Unconfirmed([f"It goes to {recipients:,} people. Type that number to confirm it."])
    raise Unconfirmed([f"You typed {typed:,}, but it goes to {recipients:,} people. Look again."])


def _unapproved(recipients: int) -> str:
    return (
        f"It goes to {recipients:,} people, and so many need approval by somebody who neither began nor changed it. "
        "Ask for approval on its review page, as a draft."
    )
