"""From a mail, by whatever way it came, to what becomes of it."""

from collections.abc import Iterable

from crm.base import clock
from crm.delivery.bounces.mails import Mail
from crm.influencers.inbound import keeping, reading, signed
from crm.influencers.inbound.keeping import Outcome


def receive(mail: Mail, to: Iterable[str] | None = None) -> list[Outcome]:
    """Keep a mail for those whose present addresses it was sent to; one Outcome each. The caller commits.

    to: the receivers of the envelope; where nobody knows them, the head of the mail says. Where none of them is an
    address of ours, the one Outcome says that it is refused.
    """
    copy = reading.read(mail, clock.now())
    owners = [signed.owner(address) for address in (copy.to if to is None else to)]
    found = [keeping.take(copy, user) if user else Outcome(keeping.REFUSED) for user in owners]
    if to is not None:
        return found
    return [one for one in found if one.state != keeping.REFUSED] or [Outcome(keeping.REFUSED)]
