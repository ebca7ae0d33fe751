"""From a mail, by whatever way it came, to what becomes of it."""

from collections.abc import Iterable

from crm.base import clock
from crm.base.ways_in import ways_in
from crm.delivery.bounces.mails import Mail
from crm.influencers.inbound import keeping, reading, signed
from crm.influencers.inbound.keeping import Outcome
from crm.influencers.inbound.reading import Copy


def receive(mail: Mail, to: Iterable[str] | None = None) -> list[Outcome]:
    """Keep a mail wherever the present addresses that it was sent to lead; one Outcome each. The caller commits.

    to: the receivers of the envelope; where nobody knows them, the head of the mail says. Where none of them is an
    address of ours, the one Outcome says that it is refused.
    """
    copy = reading.read(mail, clock.now())
    found = [_taken(copy, address) for address in (copy.to if to is None else to)]
    if to is not None:
        return found
    return [one for one in found if one.state != keeping.REFUSED] or [Outcome(keeping.REFUSED)]


def is_known(address: str) -> bool:
    """Return whether mail to that address is taken."""
    return signed.owner(address) is not None or any(way.knows(address) for way in ways_in)


def _taken(copy: Copy, address: str) -> Outcome:
    user = signed.owner(address)
    if user is not None:
        return keeping.take(copy, user)
    ways = (way for way in ways_in if way.knows(address))
    return next((way.take(copy, address) for way in ways), Outcome(keeping.REFUSED))
