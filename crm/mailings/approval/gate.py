"""What a mailing has to pass besides its checks before it may go, whoever asks and by whatever page."""

from datetime import timedelta

from flask import has_request_context
from flask_login import current_user

from crm.accounts.models import User
from crm.base import audit, database
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.approval import approving, people, rules
from crm.mailings.audience import AudienceGone
from crm.mailings.checks import NotReady
from crm.mailings.models import Mailing

EDITED = (
    "A segment of its audience was edited since it began to go out: it would go to {people:,} people in all now. Look "
    "whom it describes, and let the mailing go on with them, or cancel it."
)

LOOK_AGAIN = "A segment of its audience was edited. Look whom it describes now before you let the mailing go on."


class AudienceEdited(AudienceGone):
    """A segment was edited since the mailing began, so that it would go to others; the message says what to do."""


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
        raise NotApproved([_unapproved(mailing, recipients)])
    if shown is not None and rules.exceeds(recipients, asked.confirm_over):
        _confirm(recipients, typed, shown)
    return recipients


def require_still(mailing: Mailing) -> None:
    """Raise NotApproved for a mailing that is due, needs approval at its present size, and nobody's word lets it go."""
    if rules.current().approval_over is None:
        return
    recipients = audience.reach(mailing).recipients
    if needs_approval(mailing, recipients):
        raise NotApproved([_unapproved(mailing, recipients)])


def require_same(mailing: Mailing) -> None:
    """Raise AudienceEdited for a mailing that goes out over time, where a segment was edited since it began."""
    if is_another(mailing):
        found = audience.reach(mailing)
        raise AudienceEdited(found.gone or EDITED.format(people=found.recipients))


def is_another(mailing: Mailing) -> bool:
    """Tell whether a mailing that has begun, and still has people to reach, would go to others by an edited segment."""
    begun = mailing.audience_digest if mailing.frozen_at is None else None
    return begun is not None and begun != approving.digest(mailing)


def look_again(mailing_id: int, seen: str, typed: int | None, shown: int | None) -> tuple[int, int]:
    """Return the version and the recipients of a mailing that goes on with an edited audience, as `require` does.

    seen: the digest of the audience that was shown. Raises Unconfirmed where it is another by now, or the number is not
    typed, and NotApproved.
    """
    with database.looking():
        mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
        if seen != approving.digest(mailing):
            raise Unconfirmed([LOOK_AGAIN])
        return mailing.version, require(mailing, typed, shown)


def accept(mailing: Mailing, seen: str, recipients: int) -> None:
    """Let the mailing go on with the audience that was seen, by the word of whoever acts."""
    mailing.audience_digest = seen
    passed(mailing, recipients)
    audit.record("accept_audience", "mailing", mailing.id, recipients=recipients)


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


def _unapproved(mailing: Mailing, recipients: int) -> str:
    begun = "Somebody like that has to let it go on."
    return (
        f"It goes to {recipients:,} people, and so many need approval by somebody who neither began nor changed it. "
        f"{begun if mailing.messages else 'Ask for approval on its review page, as a draft.'}"
    )
