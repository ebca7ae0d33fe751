"""Who on record is named in a mail: by addresses alone, because anybody can write any name."""

from collections.abc import Iterable, Sequence

from crm.accounts.models import User
from crm.contacts.models import Contact
from crm.influencers.inbound.models import InboundMail
from crm.influencers.inbound.reading import Copy
from crm.influencers.inbound.signed import ADDRESS
from crm.influencers.participants import people
from crm.influencers.participants.people import People

MOST_RECEIVERS = 50


def recognized(copy: Copy, user: User) -> People:
    """Return who is named beside the user, by address alone.

    Whom a quoted head names counts where the user sent the mail to nobody but staff and the address for copies: then
    it was forwarded.
    """
    outer = [one for one in copy.receivers if not ADDRESS.match(one)]
    if people.normal(copy.sender) != people.normal(user.email):
        outer.insert(0, copy.sender)
    found = people.of_addresses(outer[:MOST_RECEIVERS])
    if {people.normal(one) for one in outer} <= {one.email for one in found.users}:
        beyond = people.of_addresses(copy.forwarded[:MOST_RECEIVERS])
        found = People(beyond.contacts, [*found.users, *beyond.users])
    return People(found.contacts, [one for one in dict.fromkeys(found.users) if one.id != user.id])


def suggested(mails: Iterable[InboundMail], user: User) -> dict[int, str]:
    """Return of each mail, by id, the people on record whose addresses stand in it, as they are typed."""
    named = {mail.id: [mail.sender, *mail.receivers] for mail in mails}
    found = people.by_address(one for addresses in named.values() for one in addresses)
    known = {address: one for address, one in found.items() if address != user.email}
    return {number: _typed([known[one] for one in of if one in known]) for number, of in named.items()}


def _typed(found: Sequence[Contact | User]) -> str:
    named = list(dict.fromkeys(found))
    contacts = [one for one in named if isinstance(one, Contact)]
    return people.written(People(contacts, [one for one in named if isinstance(one, User)]))
